package org.socketserver.mixins;

import org.socketserver.api.internal.VirtualThreads;

/** The kind of thread on which a {@link ThreadingMixIn} runs each request. */
public enum ThreadKind {
    /** Virtual threads, as the JVM has them since Java 21; a new one for each request. */
    VIRTUAL(10_000),
    /**
     * Daemon platform threads. One whose request has ended takes the next that comes within a second, with its {@link
     * ThreadLocal}s, as to start one takes longer than a short request. So a handler leaves it as it was, and nobody
     * keeps it beyond the request, to interrupt it or to wait for its end.
     */
    PLATFORM(1_000);

    private final int defaultLimit;

    ThreadKind(int defaultLimit) {
        this.defaultLimit = defaultLimit;
    }

    /**
     * Returns the kind that suits this JVM.
     *
     * @return {@link #VIRTUAL} on Java 21 and later, {@link #PLATFORM} before
     */
    public static ThreadKind best() {
        return VirtualThreads.available() ? VIRTUAL : PLATFORM;
    }

    /**
     * Returns how many requests run at once by default.
     *
     * @return 10,000 for virtual threads, 1,000 for platform threads
     */
    public int defaultLimit() {
        return defaultLimit;
    }
}
