package org.socketserver.mixins.forking.parent;

import java.util.concurrent.TimeUnit;

/**
 * Counts workers that did not become ready, one after another: those that were started together count once. After each
 * there is a pause, 100 ms, doubled up to a longest; {@value #MOST} are too many if no worker lives. Guarded by the
 * pool's lock.
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

    /** Returns whether it is time to start another worker. */
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
     * Called when one more has failed.
     *
     * @param started when it was started
     */
    void failed(long started, long now) {
        if (failures == 0 || started - failedAt >= 0) {
            failures++;
            failedAt = now;
        }
    }

    /** Returns whether there were too many. */
    boolean areTooMany() {
        return failures >= MOST;
    }
}
