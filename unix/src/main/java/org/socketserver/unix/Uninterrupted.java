package org.socketserver.unix;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting that an interrupt does not shorten. */
final class Uninterrupted {
    private Uninterrupted() {}

    /**
     * Waits for a time.
     *
     * @return true if the thread was interrupted before or meanwhile, which it is no more; up to the caller to restore
     */
    static boolean pause(Duration time) {
        boolean interrupted = Thread.interrupted();
        long began = System.nanoTime();
        for (long left = time.toNanos(); left > 0; left = time.toNanos() - (System.nanoTime() - began)) {
            LockSupport.parkNanos(left);
            interrupted |= Thread.interrupted();
        }
        return interrupted;
    }
}
