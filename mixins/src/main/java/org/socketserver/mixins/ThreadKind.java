package org.socketserver.mixins;

import org.socketserver.api.VirtualThreads;

/** The kind of thread that a {@link ThreadingMixIn} starts for each request. */
public enum ThreadKind {
    /** Virtual threads, as the JVM has them since Java 21. */
    VIRTUAL(10_000),
    /** Daemon platform threads. */
    PLATFORM(1_000);

    private final int defaultLimit;

    ThreadKind(int defaultLimit) {
        this.defaultLimit = defaultLimit;
    }

    /**
     * Gives the kind that suits this JVM.
     *
     * @return {@link #VIRTUAL} on Java 21 and later, {@link #PLATFORM} before
     */
    public static ThreadKind best() {
        return VirtualThreads.available() ? VIRTUAL : PLATFORM;
    }

    /**
     * Tells how many requests run at once unless the user says otherwise.
     *
     * @return 10,000 for virtual threads, 1,000 for platform threads
     */
    public int defaultLimit() {
        return defaultLimit;
    }

    /** Makes a thread of this kind that has not started yet. */
    Thread newThread(String name, Runnable work) {
        if (this == VIRTUAL) {
            return VirtualThreads.newThread(name, work);
        }
        Thread thread = new Thread(null, work, name);
        thread.setDaemon(true);
        return thread;
    }
}
