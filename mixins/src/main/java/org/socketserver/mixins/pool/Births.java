package org.socketserver.mixins.pool;

import java.util.concurrent.TimeUnit;

/**
 * Counts workers that died before they were ready: a pause after each, 100 ms, then twice as long each time; and after
 * {@value #MOST} in a row there is no sense in going on. Guarded by the pool's lock.
 */
final class Births {
    static final int MOST = 5;

    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private int failures;
    private long failedAt;

    /** Tells whether it is time to start another worker. */
    boolean mayStart(long now) {
        return failures == 0 || (failures < MOST && now - failedAt >= FIRST_PAUSE << (failures - 1));
    }

    void succeeded() {
        failures = 0;
    }

    /** One more has died; true if that was the last try. */
    boolean failed(long now) {
        failedAt = now;
        return ++failures == MOST;
    }

    /** Tells whether there were too many. */
    boolean isGivenUp() {
        return failures >= MOST;
    }
}
