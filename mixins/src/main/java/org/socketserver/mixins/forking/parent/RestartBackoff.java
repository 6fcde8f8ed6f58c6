package org.socketserver.mixins.forking.parent;

import java.util.concurrent.TimeUnit;

/**
 * Counts failed starts of workers in a row; workers that were started together count once. After each failure the next
 * start waits 100 ms, doubled up to a maximum. After {@value #MOST} failures the pool gives up if no worker is alive.
 * Guarded by the pool's lock.
 */
final class RestartBackoff {
    static final int MOST = 5;

    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MOST_DOUBLINGS = 20;

    private final long longestPause;
    private int failures;
    private long failedAt;

    RestartBackoff(long longestPauseSeconds) {
        longestPause = TimeUnit.SECONDS.toNanos(longestPauseSeconds);
    }

    /** Returns whether another worker may be started now. */
    boolean mayStart(long now) {
        return failures == 0 || now - failedAt >= pause();
    }

    private long pause() {
        return Math.min(longestPause, FIRST_PAUSE << Math.min(failures - 1, MOST_DOUBLINGS));
    }

    void succeeded() {
        failures = 0;
    }

    /**
     * Called when a worker did not become ready.
     *
     * @param started when the worker was started
     */
    void failed(long started, long now) {
        if (failures == 0 || started - failedAt >= 0) {
            failures++;
            failedAt = now;
        }
    }

    /** Returns whether there were too many failures in a row. */
    boolean areTooMany() {
        return failures >= MOST;
    }
}
