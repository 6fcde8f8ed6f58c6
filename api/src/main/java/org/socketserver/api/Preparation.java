package org.socketserver.api;

import java.util.concurrent.TimeUnit;

/**
 * What a server prepares for the day on which its process lacks descriptors, out of the way of its first answer: done in the
 * first quiet moment of serving, at the latest when some requests have come. Used by the accept loop alone.
 */
final class Preparation {
    /** For so long nothing has come in a quiet moment, in ns. */
    static final long QUIET = TimeUnit.MILLISECONDS.toNanos(20);

    /** So many requests are let in before. */
    private static final long REQUESTS = 8;

    private final BaseServer<?> server;
    private boolean done;

    Preparation(BaseServer<?> server) {
        this.server = server;
    }

    /** Tells whether it is still to be done. */
    boolean isLeft() {
        return !done;
    }

    /** A request is about to be fetched, after so many. */
    void beforeRequest(long requests) {
        if (!done && requests >= REQUESTS) {
            run();
        }
    }

    /** Prepares, once; what fails is logged, and tried again by those who need it. */
    void run() {
        done = true;
        ServerLog.contained("prepareForLack", server::prepareForLack);
    }
}
