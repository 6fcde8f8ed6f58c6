package org.socketserver.unix;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A wait that an interrupt does not shorten. */
final class Uninterrupted {
    private Uninterrupted() {}

    /**
     * Waits for a time.
     *
     * @return true if the thread was interrupted before or during the wait; the interrupt status is then cleared, and
     *     the caller must restore it
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
