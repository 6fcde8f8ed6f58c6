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
 * Runs each request on its own thread.
 *
 * <pre>{@code
 * server.mixIn(new ThreadingMixIn());                                        // virtual threads on Java 21 and later
 * server.mixIn(new ThreadingMixIn(ThreadKind.PLATFORM).maxConcurrent(200));
 * }</pre>
 *
 * <p><b>Limit.</b> At most {@link #maxConcurrent()} requests run at the same time. At the limit, {@link
 * org.socketserver.api.Limits#whenFull} decides what happens: by default nothing is accepted, and further connections
 * wait in the kernel's queue, datagrams in its buffer, until a request ends. A slot is returned however the request
 * ends. If its thread can't be started, the failure goes to the server's {@code handleError}, and the request is
 * closed.
 *
 * <p><b>Threads.</b> Their names consist of server and peer, such as {@code tcp 127.0.0.1:8087 < 127.0.0.1:50000}. They
 * never keep the JVM alive. A stop of the server waits for them until its grace period is over (CPython: {@code
 * block_on_close}). All methods may be called from any thread.
 */
public final class ThreadingMixIn implements MixIn {
    private static final String IDLE = "socketserver-idle";

    private final ThreadKind kind;
    /**
     * Platform threads, kept for a second because starting one takes longer than a short request; null for virtual
     * threads.
     */
    private final @Nullable ExecutorService threads;

    private final Slots slots;
    /** Created once, not for each request. */
    private final Runnable giveBack;

    /** Creates a mix-in that runs requests on the best kind of thread of this JVM: {@link ThreadKind#best()}. */
    public ThreadingMixIn() {
        this(ThreadKind.best());
    }

    /**
     * Creates a mix-in that runs requests on the given kind of thread.
     *
     * @param kind the kind
     * @throws UnsupportedOperationException if {@code kind} is {@link ThreadKind#VIRTUAL} and this JVM has no virtual
     *     threads
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
     * Sets how many requests may run at the same time. Takes effect immediately, even while serving. Running requests
     * are not affected.
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
     * Returns how many requests may run at the same time.
     *
     * @return requests
     */
    public int maxConcurrent() {
        return slots.limit();
    }

    /**
     * Returns how many requests are running. A request stops counting when its handler has ended, before the peer can
     * see the end.
     *
     * @return requests, from 0 to {@link #maxConcurrent()}, or more after the limit was lowered
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
        // Before the thread starts, because here a failure still ends the request.
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
