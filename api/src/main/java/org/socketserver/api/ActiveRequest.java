package org.socketserver.api;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.log.EventLog;

/**
 * A live request and what the server knows of it: since when, on which thread, how it went so far.
 *
 * <p>The thread to interrupt is known only while the handler runs, so that an interrupt never reaches a thread that has
 * moved on. The thread that carries the request is known from its first hook to its last.
 */
final class ActiveRequest<R extends Request> implements RequestTask {
    /** Who sees a request through when the mix-in says that it is time. */
    interface Runner<R extends Request> {
        /** Runs a request to its end on the calling thread. */
        void run(ActiveRequest<R> active);
    }

    @SuppressWarnings("rawtypes") // The class that an updater is made of has no parameters.
    private static final AtomicReferenceFieldUpdater<ActiveRequest, @Nullable Thread> CARRIER =
            AtomicReferenceFieldUpdater.newUpdater(ActiveRequest.class, Thread.class, "carrier");

    private final long id;
    private final R request;
    private final Server server;
    private final long began = System.nanoTime();
    private final EventLog log;
    private final Runner<R> cycle;

    /** The thread that is inside of a hook of this request, or of its handler. */
    private volatile @Nullable Thread carrier;

    // Changed under the lock, and looked at without it.
    private volatile boolean ended;
    /** The thread that is inside of the handler. */
    private volatile @Nullable Thread runner;

    private volatile boolean handled;
    private volatile @Nullable LiveRequest asCut;
    /** {@link System#nanoTime()} of the cut. */
    private volatile long cutAt;

    private volatile @Nullable DeadlineException expiry;

    private volatile RequestOutcome outcome = RequestOutcome.DONE;
    private volatile @Nullable Refusal refusal;
    private volatile @Nullable Throwable failure;

    private volatile @Nullable Runnable onHandled;
    private volatile @Nullable RemoteHandling remote;
    /** The deadline that the handler has answered by itself. */
    private volatile @Nullable DeadlineException answered;

    // Kept here for those who began something with the request and end it when the request ends.
    private volatile @Nullable Object client;
    private volatile @Nullable RequestEvent recording;
    private volatile DeadlineSweeper.@Nullable Waiter watch;

    ActiveRequest(long id, R request, Server server, EventLog log, Runner<R> cycle) {
        this.id = id;
        this.request = request;
        this.server = server;
        this.log = log;
        this.cycle = cycle;
    }

    @Override
    public R request() {
        return request;
    }

    @Override
    public String name() {
        StringBuilder text = new StringBuilder(64).append(server.name()).append(" < ");
        return AddressText.append(text, request.clientAddress()).toString();
    }

    @Override
    public void onHandled(Runnable action) {
        onHandled = action;
    }

    @Override
    public void run() {
        cycle.run(this);
    }

    @Override
    public void handleElsewhere(RemoteHandling handling) {
        remote = handling;
        if (request instanceof ConnectionRequest connection) {
            connection.handledBy(handling);
        }
        // It may have been too late before there was anybody to tell.
        DeadlineException over = expiry();
        if (isCut()) {
            handling.cut();
        } else if (over != null) {
            handling.expire(over);
        }
    }

    @Override
    public Optional<SocketChannel> channel() {
        return request instanceof ConnectionRequest connection ? connection.channel() : Optional.empty();
    }

    @Override
    public void detach() throws IOException {
        if (request instanceof ConnectionRequest connection) {
            connection.detach();
        }
    }

    @Override
    public RequestEnd end() {
        return summary();
    }

    /** What stands in for the handler; null if nothing does. */
    @Nullable
    RemoteHandling remote() {
        return remote;
    }

    /** The handler has answered a deadline by itself, if there was one. */
    void answered(@Nullable DeadlineException deadline) {
        answered = deadline;
    }

    /** The deadline that was over, and that the handler has made the best of; null if there was none. */
    @Nullable
    DeadlineException answered() {
        return answered == null && request instanceof ConnectionRequest connection ? connection.timedOut() : answered;
    }

    /** Runs the action that waits for the end of the handler. */
    void handled() {
        Runnable action = onHandled;
        if (action != null) {
            log.contained("onHandled", action::run);
        }
    }

    long id() {
        return id;
    }

    /** When the request began: {@link System#nanoTime()}. */
    long began() {
        return began;
    }

    /** The calling thread begins to carry the request through its hooks. */
    void take() {
        carrier = Thread.currentThread();
    }

    /** The calling thread is done with the request, unless another one has taken it over. */
    void letGo() {
        CARRIER.compareAndSet(this, Thread.currentThread(), null);
    }

    /** The handler begins on the calling thread; false if it has begun there already. */
    synchronized boolean enter() {
        Thread caller = Thread.currentThread();
        if (runner == caller) {
            return false;
        }
        runner = caller;
        if ((asCut != null || expiry != null) && remote == null) {
            caller.interrupt();
        }
        return true;
    }

    /** The handler has ended; takes back the interrupt of a cut that came too late to be seen. */
    synchronized void leave() {
        runner = null;
        handled = true;
        if (asCut != null || expiry != null) {
            Thread.interrupted();
        }
    }

    /**
     * Closes the request and interrupts its handler, because a stop waits no longer; without effect the second time,
     * and on one that has ended by itself, or was turned away and is just about to.
     */
    void cut() {
        if (isCut()) {
            return;
        }
        // Outside of the lock, which the handler's thread may need to be looked at.
        LiveRequest now = picture();
        synchronized (this) {
            if (ended || refusal != null || asCut != null) {
                return;
            }
            cutAt = System.nanoTime();
            asCut = now;
        }
        log.contained("close", request::close);
        RemoteHandling elsewhere = remote;
        if (elsewhere != null) {
            log.contained("cut", elsewhere::cut);
        } else {
            interrupt();
        }
    }

    /** Notifies the request that a stop waits for it. */
    void drain() {
        RemoteHandling elsewhere = remote;
        // Contained: the request may be a transport's own, and the others still have to hear of the stop.
        log.contained("drain", elsewhere != null ? elsewhere::drain : request::drain);
    }

    /**
     * Closes the request and interrupts its handler, because it took too long; without effect once the handler is done.
     */
    void expire(DeadlineException reason) {
        synchronized (this) {
            if (handled || asCut != null || expiry != null) {
                return;
            }
            expiry = reason;
        }
        RemoteHandling elsewhere = remote;
        if (elsewhere != null) {
            log.contained("expire", () -> elsewhere.expire(reason));
            return;
        }
        // Outside of the lock, as the connection may be a user's, and close in its own way.
        log.contained("expire", () -> request.expire(reason));
        interrupt();
    }

    private synchronized void interrupt() {
        Thread running = runner;
        // Asked here, as it may have come meanwhile: it hears of the end itself, and its thread must not be disturbed.
        if (running != null && remote == null) {
            running.interrupt();
        }
    }

    boolean isCut() {
        return asCut() != null;
    }

    /** Returns whether it was cut at least the given number of ns ago and still runs. */
    boolean isCutFor(long nanos) {
        return isCut() && System.nanoTime() - cutAt >= nanos;
    }

    /** How the request stood when a stop cut it; null if none has. */
    @Nullable
    LiveRequest asCut() {
        return asCut;
    }

    /** The deadline that has ended the request; null if none has. */
    @Nullable
    DeadlineException expiry() {
        return expiry;
    }

    /** Returns whether the handler is running. */
    synchronized boolean isRunning() {
        return runner != null || (remote != null && !handled);
    }

    /** Returns whether the thread is inside the handler or a hook of this request. */
    boolean runsOn(Thread thread) {
        return runner == thread || carrier == thread;
    }

    void outcome(RequestOutcome how, @Nullable Throwable why) {
        outcome = how;
        failure = why;
    }

    RequestOutcome outcome() {
        return outcome;
    }

    @Nullable
    Refusal refusal() {
        return refusal;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** The request is turned away, unless a stop has cut it before. */
    synchronized void refused(Refusal why) {
        if (asCut == null) {
            outcome = RequestOutcome.REFUSED;
            refusal = why;
        }
    }

    /** Returns the key that this request counts against; null from the second call on. */
    @Nullable
    Object takeClient() {
        return client == null ? null : takeCountedClient();
    }

    private synchronized @Nullable Object takeCountedClient() {
        Object key = client;
        client = null;
        return key;
    }

    /** Remembers as whose request this one is counted. */
    synchronized void client(Object key) {
        client = key;
    }

    @Nullable
    RequestEvent recording() {
        return recording;
    }

    void recording(@Nullable RequestEvent event) {
        recording = event;
    }

    DeadlineSweeper.@Nullable Waiter watch() {
        return watch;
    }

    void watch(DeadlineSweeper.Waiter newWatch) {
        watch = newWatch;
    }

    /** Takes the right to report the end, from which on the outcome is settled; true for the first caller. */
    synchronized boolean endReported() {
        if (ended) {
            return false;
        }
        ended = true;
        if (asCut != null) {
            outcome = RequestOutcome.CUT;
        }
        return true;
    }

    /** Returns whether the end was reported or is being reported. */
    boolean hasEnded() {
        return ended;
    }

    RequestEnd summary() {
        return new RequestEnd(
                id,
                outcome,
                // A request that was cut while it was turned away counts as cut alone.
                outcome == RequestOutcome.REFUSED ? Optional.ofNullable(refusal) : Optional.empty(),
                request.bytesIn(),
                request.bytesOut(),
                age(),
                Optional.ofNullable(failure));
    }

    LiveRequest picture() {
        Thread thread;
        RemoteHandling elsewhere;
        synchronized (this) {
            thread = runner;
            elsewhere = handled ? null : remote;
        }
        SocketAddress peer = request.clientAddress();
        if (elsewhere != null) {
            return new LiveRequest(id, peer, age(), request.isWaiting(), elsewhere.thread(), elsewhere.stack());
        }
        if (thread != null) {
            String name = thread.getName();
            List<StackTraceElement> stack = List.of(thread.getStackTrace());
            // Else it has ended meanwhile, and its thread may have the next request.
            if (runner == thread) {
                return new LiveRequest(id, peer, age(), request.isWaiting(), name, stack);
            }
        }
        return new LiveRequest(id, peer, age(), false, "", List.of());
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
