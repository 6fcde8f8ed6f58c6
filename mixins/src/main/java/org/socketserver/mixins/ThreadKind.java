package org.socketserver.mixins;

import org.socketserver.api.internal.VirtualThreads;

/** The kind of thread on which a {@link ThreadingMixIn} runs each request. */
public enum ThreadKind {
    /** Virtual threads, available on Java 21 and later; a new one for each request. */
    VIRTUAL(10_000),
    /**
     * Daemon platform threads. A thread whose request has ended waits up to a second for the next one, because starting
     * a thread takes longer than a short request. It keeps its {@link ThreadLocal}s. So a handler must leave its thread
     * as it was, and other code must not interrupt or join the thread after the request.
     */
    PLATFORM(1_000);

    private final int defaultLimit;

    ThreadKind(int defaultLimit) {
        this.defaultLimit = defaultLimit;
    }

    /**
     * Returns the best kind that this JVM supports.
     *
     * @return {@link #VIRTUAL} on Java 21 and later, {@link #PLATFORM} before
     */
    public static ThreadKind best() {
        return VirtualThreads.available() ? VIRTUAL : PLATFORM;
    }

    /**
     * Returns the default limit of requests that run at the same time.
     *
     * @return 10,000 for virtual threads, 1,000 for platform threads
     */
    public int defaultLimit() {
        return defaultLimit;
    }
}
