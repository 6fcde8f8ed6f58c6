package org.socketserver.api;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A live request and what the server knows of it: since when, on which thread, how it went so far.
 *
 * <p>The thread to interrupt is known only while the handler runs, so that an interrupt never reaches a thread that has
 * moved on. The thread that carries the request is known from its first hook to its last.
 */
final class ActiveRequest<R extends Request> implements RequestTask {
    private final long id;
    private final R request;
    private final Supplier<String> serverName;
    private final long began = System.nanoTime();
    private final Consumer<ActiveRequest<R>> work;

    private final AtomicBoolean ended = new AtomicBoolean();

    /** The thread that is inside of a hook of this request, or of its handler. */
    private @Nullable Thread carrier;

    /** The thread that is inside of the handler. */
    private @Nullable Thread runner;

    private boolean cut;
    private volatile RequestOutcome outcome = RequestOutcome.DONE;
    private volatile @Nullable Throwable failure;

    ActiveRequest(long id, R request, Supplier<String> serverName, Consumer<ActiveRequest<R>> work) {
        this.id = id;
        this.request = request;
        this.serverName = serverName;
        this.work = work;
    }

    @Override
    public R request() {
        return request;
    }

    @Override
    public String name() {
        return serverName.get() + " < " + AddressText.of(request.clientAddress());
    }

    @Override
    public void run() {
        work.accept(this);
    }

    long id() {
        return id;
    }

    /** The calling thread begins to carry the request through its hooks. */
    synchronized void take() {
        carrier = Thread.currentThread();
    }

    /** The calling thread is done with the request, unless another one has taken it over. */
    synchronized void letGo() {
        if (carrier == Thread.currentThread()) {
            carrier = null;
        }
    }

    /** The handler begins on the calling thread; false if it has begun there already. */
    synchronized boolean enter() {
        Thread caller = Thread.currentThread();
        if (runner == caller) {
            return false;
        }
        runner = caller;
        if (cut) {
            caller.interrupt();
        }
        return true;
    }

    /** The handler has ended; takes back the interrupt of a cut that came too late to be seen. */
    synchronized void leave() {
        runner = null;
        if (cut) {
            Thread.interrupted();
        }
    }

    /** Closes the request and interrupts its handler. */
    synchronized void cut() {
        cut = true;
        ServerLog.contained("close", request::close);
        if (runner != null) {
            runner.interrupt();
        }
    }

    synchronized boolean isCut() {
        return cut;
    }

    /** Tells whether the thread is inside of the handler or of a hook of this request. */
    synchronized boolean runsOn(Thread thread) {
        return runner == thread || carrier == thread;
    }

    void outcome(RequestOutcome how, @Nullable Throwable why) {
        outcome = how;
        failure = why;
    }

    /** Takes the right to report the end; true for the first caller. */
    boolean end() {
        return ended.compareAndSet(false, true);
    }

    RequestEnd summary() {
        return new RequestEnd(
                isCut() ? RequestOutcome.CUT : outcome,
                request.bytesIn(),
                request.bytesOut(),
                age(),
                Optional.ofNullable(failure));
    }

    LiveRequest picture() {
        Thread thread;
        synchronized (this) {
            thread = runner;
        }
        SocketAddress client = request.clientAddress();
        return thread == null
                ? new LiveRequest(id, client, age(), "", List.of())
                : new LiveRequest(id, client, age(), thread.getName(), List.of(thread.getStackTrace()));
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
