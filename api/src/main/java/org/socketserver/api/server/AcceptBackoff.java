package org.socketserver.api.server;

import java.util.concurrent.TimeUnit;

/**
 * The growing pause between attempts to accept while the system lacks resources: 10 ms, doubled up to 1 s. One for each
 * server; used by the thread that serves.
 */
final class AcceptBackoff {
    private static final long FIRST = TimeUnit.MILLISECONDS.toNanos(10);
    static final long LONGEST = TimeUnit.SECONDS.toNanos(1);
    /** At the limit, attempts succeed and fail in turn; that is one lack of resources, and not many. */
    private static final long QUIET = TimeUnit.SECONDS.toNanos(5);

    private long pause;
    private long began;
    private boolean failedBefore;
    private boolean news;

    /** Begins the pause after one more failure; gives its length in ns. */
    long next() {
        long now = System.nanoTime();
        news = !failedBefore || (pause == 0 && now - began >= QUIET);
        failedBefore = true;
        pause = pause == 0 ? FIRST : Math.min(LONGEST, pause * 2);
        began = now;
        return pause;
    }

    /** Returns whether the last failure was the first in at least 5 s. */
    boolean isNews() {
        return news;
    }

    /** How much of the pause is left in ns; zero or less when there is none, or it is over. */
    long left() {
        return pause == 0 ? 0 : pause - (System.nanoTime() - began);
    }

    /** Returns whether the last attempt failed. */
    boolean isActive() {
        return pause > 0;
    }

    void reset() {
        pause = 0;
    }
}
