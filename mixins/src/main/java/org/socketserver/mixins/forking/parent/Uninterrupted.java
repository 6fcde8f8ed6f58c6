package org.socketserver.mixins.forking.parent;

import java.util.concurrent.TimeUnit;

/** Waits that no interrupt ends. A thread that was interrupted meanwhile is so again afterwards. */
final class Uninterrupted {
    private Uninterrupted() {}

    /** Something to wait for. */
    interface Wait {
        /** Returns true once it has come, false after that time. */
        boolean await(long millis) throws InterruptedException;
    }

    /** Returns whether something has come within a time. */
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
