package org.socketserver.mixins;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Daemon platform threads, as many as there is work at once, each of which stays a second for more. To start one takes longer than a
 * short request.
 */
final class ReusedThreads implements AutoCloseable {
    /** What a thread is called that waits for work. */
    static final String IDLE = "socketserver-idle";

    private static final long KEPT_MILLIS = 1_000;

    private final ThreadPoolExecutor threads;

    ReusedThreads() {
        this(KEPT_MILLIS);
    }

    /**
     * For tests.
     *
     * @param keptMillis how long a thread waits for work, in ms
     */
    ReusedThreads(long keptMillis) {
        threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                keptMillis,
                TimeUnit.MILLISECONDS,
                new SynchronousQueue<>(),
                ReusedThreads::newThread);
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(null, work, IDLE);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Runs something at once: on a thread that is free, or on a new one. The thread is not interrupted when it begins.
     *
     * @param name what the thread is called meanwhile
     * @throws OutOfMemoryError if no further thread can be started; nothing is run then
     */
    void run(String name, Runnable work) {
        threads.execute(() -> {
            Thread.currentThread().setName(name);
            try {
                work.run();
            } finally {
                Thread.currentThread().setName(IDLE);
            }
        });
    }

    /** Ends the threads, those that have work when that is done. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
