package org.socketserver.mixins.forking.parent;

import java.util.concurrent.TimeUnit;

/**
 * Counts failed starts of workers in a row, of the same kind; workers that were started together count once. After each
 * failure the next start waits 100 ms, doubled up to a maximum. After {@value #MAX} failures the pool gives up if no
 * worker is alive. Changes are guarded by the pool's lock.
 */
final class RestartBackoff {
    static final int MAX = 5;

    /** The maximum back-off between two attempts, in s. */
    private static final int MAX_PAUSE = 10;

    /** The same while file descriptors run short. */
    static final int MAX_PAUSE_OF_SHORTAGE = 1;

    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MAX_DOUBLINGS = 20;

    private int failures;
    private long failedAt;
    private volatile boolean isShort;

    /** Returns whether another worker may be started now. */
    boolean mayStart(long now) {
        return failures == 0 || now - failedAt >= pause();
    }

    private long pause() {
        long longest = TimeUnit.SECONDS.toNanos(isShort ? MAX_PAUSE_OF_SHORTAGE : MAX_PAUSE);
        return Math.min(longest, FIRST_PAUSE << Math.min(failures - 1, MAX_DOUBLINGS));
    }

    /** Called when a worker is ready. */
    void succeeded() {
        failures = 0;
        isShort = false;
    }

    /** Counts from 0 again, because the requests that waited have failed. */
    void restart() {
        failures = 0;
    }

    /**
     * Called when a worker did not become ready.
     *
     * @param started when the worker was started
     * @param shortage true if too few file descriptors were free
     */
    void failed(long started, long now, boolean shortage) {
        if (isShort != shortage) {
            failures = 0;
            isShort = shortage;
        }
        if (failures == 0 || started - failedAt >= 0) {
            failures++;
            failedAt = now;
        }
    }

    /** Returns whether the last attempt failed because too few file descriptors were free. Called by any thread. */
    boolean isShort() {
        return isShort;
    }

    /** Returns whether there were too many failures in a row. */
    boolean areTooMany() {
        return failures >= MAX;
    }
}
