package org.socketserver.mixins.forking.parent;

import java.util.concurrent.TimeUnit;

/** Waits that interrupts do not end. The interrupt status is restored afterwards. */
final class Uninterrupted {
    private Uninterrupted() {}

    /** A wait with a time limit. */
    interface Wait {
        /** Returns true if the event happened, false after the time. */
        boolean await(long millis) throws InterruptedException;
    }

    /** Returns whether the event happened within the time. */
    static boolean await(long millis, Wait wait) {
        long began = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
                    return wait.await(Math.max(0, millis - passed));
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
