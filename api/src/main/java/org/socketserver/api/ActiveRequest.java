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
 * <p>The thread is known only while the handler runs, so that an interrupt never reaches a thread that has moved on.
 */
final class ActiveRequest<R extends Request> implements RequestTask {
    private final long id;
    private final R request;
    private final Supplier<String> serverName;
    private final long began = System.nanoTime();
    private final Consumer<ActiveRequest<R>> work;

    private final AtomicBoolean ended = new AtomicBoolean();

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
        request.close();
        if (runner != null) {
            runner.interrupt();
        }
    }

    synchronized boolean isCut() {
        return cut;
    }

    synchronized boolean runsOn(Thread thread) {
        return runner == thread;
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
