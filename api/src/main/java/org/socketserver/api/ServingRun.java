package org.socketserver.api;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One stretch of serving, from the call that began it until its loop has ended.
 *
 * <p>A stop is asked of the run that is under way, so it can never reach a later one.
 */
final class ServingRun {
    private final Thread thread = Thread.currentThread();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile long lastRequest;

    Thread thread() {
        return thread;
    }

    boolean isOnCurrentThread() {
        return thread == Thread.currentThread();
    }

    /** Tells whether the loop shall end: a stop was asked for, or its thread was interrupted. */
    boolean isStopping() {
        return stopping || thread.isInterrupted();
    }

    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    /** Lets the loop rest; a stop or {@link LockSupport#unpark} ends it early. */
    void pause(long nanos) {
        if (!stopping) {
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
