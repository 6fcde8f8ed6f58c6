package org.socketserver.mixins.pool;

import java.util.concurrent.TimeUnit;

/**
 * Counts workers that died before they were ready, one after another: those that were started together count once. After each
 * there is a pause, 100 ms, doubled up to 10 s; after {@value #MOST} there is no sense in going on if no worker lives. Guarded
 * by the pool's lock.
 */
final class Births {
    static final int MOST = 5;

    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(10);
    private static final int MOST_DOUBLINGS = 20;

    private int failures;
    private long failedAt;

    /** Tells whether it is time to start another worker. */
    boolean mayStart(long now) {
        return failures == 0 || now - failedAt >= pause();
    }

    private long pause() {
        return Math.min(LONGEST_PAUSE, FIRST_PAUSE << Math.min(failures - 1, MOST_DOUBLINGS));
    }

    void succeeded() {
        failures = 0;
    }

    /**
     * One more has died.
     *
     * @param started when it was started
     */
    void failed(long started, long now) {
        if (failures == 0 || started - failedAt >= 0) {
            failures++;
            failedAt = now;
        }
    }

    /** Tells whether there were too many. */
    boolean areTooMany() {
        return failures >= MOST;
    }
}
