package org.socketserver.mixins.pool;

import java.util.concurrent.atomic.LongAdder;

/** What became of the workers of one mix-in since it was made; outlives its pools. Any thread may count and read. */
public final class WorkerCounts {
    private final LongAdder started = new LongAdder();
    private final LongAdder died = new LongAdder();

    /** Counts nothing yet. */
    public WorkerCounts() {}

    void start() {
        started.increment();
    }

    void death() {
        died.increment();
    }

    /**
     * Returns how many workers were started.
     *
     * @return processes
     */
    public long started() {
        return started.sum();
    }

    /**
     * Returns how many workers exited unexpectedly.
     *
     * @return processes
     */
    public long died() {
        return died.sum();
    }
}
