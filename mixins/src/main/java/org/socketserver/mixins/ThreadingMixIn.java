package org.socketserver.mixins;

import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;

/**
 * Runs each request on a thread of its own, for as long as it takes.
 *
 * <pre>{@code
 * server.mixIn(new ThreadingMixIn());                                        // the best this JVM has
 * server.mixIn(new ThreadingMixIn(ThreadKind.PLATFORM).maxConcurrent(200));
 * }</pre>
 *
 * <p><b>Bound.</b> At most {@link #maxConcurrent()} requests run at once, never one more. At the bound the server's
 * {@link org.socketserver.api.Limits#whenFull} says what happens: by default nothing is accepted, and further peers
 * wait in the kernel's queue, datagrams in its buffer, until a request ends. The slot comes back however the request
 * ends, also when its thread can't be started; that failure goes to the server's {@code handleError}, and the request
 * is closed.
 *
 * <p><b>Threads.</b> Named after server and peer, such as {@code tcp 127.0.0.1:8087 < 127.0.0.1:50000}. They never keep
 * the JVM alive; a stop of the server waits for them (CPython: {@code block_on_close}) as long as its grace allows. All
 * methods may be called from any thread.
 */
public final class ThreadingMixIn implements MixIn {
    private static final String IDLE = "socketserver-idle";

    private final ThreadKind kind;
    /**
     * Platform threads, kept for a second because a start takes longer than a short request; null for virtual threads.
     */
    private final @Nullable ExecutorService threads;

    private final Slots slots;
    /** Made once, not for each request. */
    private final Runnable giveBack;

    /** Runs requests on the best kind of thread this JVM has: {@link ThreadKind#best()}. */
    public ThreadingMixIn() {
        this(ThreadKind.best());
    }

    /**
     * Runs requests on the given kind of thread.
     *
     * @param kind the kind
     * @throws UnsupportedOperationException if this JVM has no virtual threads and they are asked for
     */
    public ThreadingMixIn(ThreadKind kind) {
        this.kind = Objects.requireNonNull(kind, "kind");
        if (kind == ThreadKind.VIRTUAL && !VirtualThreads.available()) {
            throw new UnsupportedOperationException("Java "
                    + Runtime.version().feature()
                    + " has no virtual threads; they need Java 21 or later. Use ThreadKind.PLATFORM or best()");
        }
        threads = kind == ThreadKind.PLATFORM ? keptForASecond() : null;
        slots = new Slots("maxConcurrent", kind.defaultLimit());
        giveBack = slots::giveBack;
    }

    /**
     * Sets how many requests may run at once. Takes effect at once, also while serving; requests that run are left
     * alone.
     *
     * @param limit requests; default {@link ThreadKind#defaultLimit()}, at least 1
     * @return this mix-in
     * @throws IllegalArgumentException if less than 1
     */
    public ThreadingMixIn maxConcurrent(int limit) {
        slots.limit(limit);
        return this;
    }

    /**
     * Returns how many requests may run at once.
     *
     * @return requests
     */
    public int maxConcurrent() {
        return slots.limit();
    }

    /**
     * Returns how many requests are running. A slot is returned when the handler has ended, just before the peer can
     * know.
     *
     * @return requests, from 0 to {@link #maxConcurrent()}, more only after that was lowered
     */
    public int active() {
        return slots.taken();
    }

    /**
     * Returns the kind of thread that runs requests.
     *
     * @return the kind
     */
    public ThreadKind kind() {
        return kind;
    }

    @Override
    public void attach(Host newHost) {
        slots.attach(newHost);
    }

    @Override
    public boolean hasCapacity() {
        return slots.hasRoom();
    }

    @Override
    public void processRequest(RequestTask task) {
        slots.take();
        boolean started = false;
        try {
            task.onHandled(giveBack);
            start(task);
            started = true;
        } finally {
            if (!started) {
                slots.giveBack();
            }
        }
    }

    private void start(RequestTask task) {
        // Here, where a failure still ends the request.
        String name = task.name();
        if (threads == null) {
            VirtualThreads.newThread(name, task).start();
        } else {
            threads.execute(() -> runNamed(name, task));
        }
    }

    private static ExecutorService keptForASecond() {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), ThreadingMixIn::newThread);
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(null, work, IDLE);
        thread.setDaemon(true);
        return thread;
    }

    private static void runNamed(String name, RequestTask task) {
        Thread.currentThread().setName(name);
        try {
            task.run();
        } finally {
            Thread.currentThread().setName(IDLE);
        }
    }

    @Override
    public void close() {
        if (threads != null) {
            threads.shutdown();
        }
    }
}
