package org.socketserver.api;

import java.util.concurrent.TimeUnit;

/**
 * What a server prepares for the day on which its process lacks descriptors, out of the way of its first answer: done in the
 * first quiet moment of serving, at the latest when some requests have come or there is no room for more. What can't be done then
 * is tried again, once a second. Used by the accept loop alone.
 */
final class Preparation {
    /** For so long nothing has come in a quiet moment, in ns. */
    static final long QUIET = TimeUnit.MILLISECONDS.toNanos(20);

    /** So many requests are let in before. */
    private static final long REQUESTS = 8;

    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final BaseServer<?> server;
    private boolean done;
    private boolean tried;
    private boolean told;
    private long lastTry;

    Preparation(BaseServer<?> server) {
        this.server = server;
    }

    /** Tells whether it is to be done as soon as there is time. */
    boolean isDue() {
        return !done && (!tried || System.nanoTime() - lastTry >= PAUSE);
    }

    /** A request is about to be fetched, after so many. */
    void beforeRequest(long requests) {
        if (!done && requests >= REQUESTS) {
            run();
        }
    }

    /** Prepares, if that is due. The first failure is logged. */
    void run() {
        if (!isDue()) {
            return;
        }
        tried = true;
        try {
            done = server.prepareForLack();
        } catch (Throwable failure) {
            if (!told) {
                told = true;
                server.log().threw("prepareForLack", failure);
            }
        }
        lastTry = System.nanoTime();
    }
}
