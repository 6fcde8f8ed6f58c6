package org.socketserver.api;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One stretch of serving, from the call that began it until its loop has ended.
 *
 * <p>A stop is asked of the run that is under way, so it can never reach a later one.
 */
final class ServingRun {
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile @Nullable IOException failure;
    private volatile long lastRequest;

    /** Begins a run that the given thread serves. */
    ServingRun(Thread thread) {
        this.thread = thread;
    }

    Thread thread() {
        return thread;
    }

    boolean isOnCurrentThread() {
        return thread == Thread.currentThread();
    }

    /** Returns whether the loop must end, because a stop was requested or its thread was interrupted. */
    boolean isStopping() {
        return stopping || thread.isInterrupted();
    }

    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    /** Serving can't go on; the loop throws that, unless a stop comes first. */
    void fail(IOException reason) {
        failure = reason;
        LockSupport.unpark(thread);
    }

    void throwFailure() throws IOException {
        IOException reason = failure;
        if (reason != null) {
            throw reason;
        }
    }

    /** Lets the loop rest; a stop or {@link LockSupport#unpark} ends it early. */
    void pause(long nanos) {
        if (!stopping && failure == null) {
            LockSupport.parkNanos(this, nanos);
        }
    }

    /** Ends, with the id of the last request that was fetched until now. */
    void end(long lastId) {
        lastRequest = lastId;
        ended.countDown();
    }

    /** The id of the last request that was fetched until the end; asked only when it has ended. */
    long lastRequest() {
        return lastRequest;
    }

    boolean isEnded() {
        return ended.getCount() == 0;
    }

    /** Waits for the end; keeps the caller's interrupt, and returns early on one. */
    void awaitEnd(long nanos) {
        try {
            ended.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }
}
