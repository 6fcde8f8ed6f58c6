package org.socketserver.api.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.Server;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.SurvivingLoop;
import org.socketserver.api.spi.RemoteHandling;
import org.socketserver.api.spi.RequestTask;

/**
 * One request from when it is fetched until it is closed: the task that a mix-in runs, the entry of {@link InFlight},
 * and what a deadline or a stop ends.
 *
 * <p>Its state has three parts, which change under its lock: the {@link Ending}, if it was ended from outside; the
 * thread inside the handler, which is the only thread that is ever interrupted; and the step that it has reached.
 *
 * <pre>{@code
 *   begun -> handler entered -> handler left -> settled -> closed
 * }</pre>
 *
 * <p>Settled means that the handler has returned and the result is counted. {@link Server#liveRequests()} does not list
 * the request any more; counters and limits change next, then the mix-in gets its slot back. All of this happens before
 * the peer can see the end. Closed means that the connection is closed and the result is final; the end is reported
 * next.
 */
final class Exchange<R extends Request> implements RequestTask {
    @SuppressWarnings("rawtypes") // A class literal has no type parameters.
    private static final AtomicReferenceFieldUpdater<Exchange, @Nullable Thread> HOOK_THREAD =
            AtomicReferenceFieldUpdater.newUpdater(Exchange.class, Thread.class, "hookThread");

    private final long id;
    private final R request;
    private final ServerRequest served;
    private final Server server;
    private final Dispatcher<R> dispatcher;
    private final EventLog log;
    private final long began = System.nanoTime();

    /** The thread that is inside a hook of this request, or inside its handler. */
    private volatile @Nullable Thread hookThread;

    // Written under the lock and read without it.
    /** The thread that is inside the handler. */
    private volatile @Nullable Thread handlerThread;

    /** The thread that has left the handler; null until then. */
    private volatile @Nullable Thread handledBy;

    private volatile @Nullable Ending ending;
    private volatile @Nullable Throwable thrown;
    /** The result that was counted; null until the request is settled. */
    private volatile @Nullable RequestEnd counted;

    private volatile boolean concluded;
    private volatile boolean closed;

    private volatile @Nullable RemoteHandling remote;
    /** The deadline whose exception the remote handler has caught. */
    private volatile @Nullable DeadlineException caughtDeadline;
    /** True if {@link #thrown} was passed to the error hook, or need not be. */
    private boolean errorReported;

    // Stored here for other parts of the engine, which release them when the request ends.
    private volatile @Nullable Runnable onHandled;
    private volatile @Nullable TotalLimit total;
    private volatile @Nullable Object clientKey;
    private volatile @Nullable RequestEvent event;
    private volatile @Nullable RequestTimer timer;

    Exchange(long id, R request, Server server, Dispatcher<R> dispatcher) {
        this.id = id;
        this.request = request;
        this.server = server;
        this.dispatcher = dispatcher;
        log = dispatcher.telemetry().log();
        if (!(request instanceof ServerRequest fromTransport)) {
            throw new IllegalArgumentException("a " + request.getClass().getName()
                    + " can't be served; getRequest must return a ConnectionRequest or a PacketRequest");
        }
        served = fromTransport;
        served.exchange(this);
    }

    // For the mix-in

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
        dispatcher.run(this);
    }

    @Override
    public void delegateTo(RemoteHandling handling) {
        remote = handling;
        served.delegateTo(handling);
        Ending before = ending;
        if (before != null) {
            end(handling, before);
        }
    }

    @Override
    public Optional<SocketChannel> channel() {
        return served.channel();
    }

    @Override
    public void detach() throws IOException {
        served.detach();
    }

    @Override
    public void drain() {
        RemoteHandling elsewhere = remote;
        // Contained, because a user's connection may throw, and the stop must reach the other requests too.
        log.contained("drain", elsewhere != null ? elsewhere::drain : () -> served.drain(null));
    }

    // On the way through the hooks

    long id() {
        return id;
    }

    ServerRequest served() {
        return served;
    }

    /** Returns whether the handler has run on the calling thread, and the request is not closed. */
    boolean wasHandledHere() {
        return handledBy == Thread.currentThread() && !closed;
    }

    /** Begins to run hooks of this request on the calling thread. */
    void enterHooks() {
        hookThread = Thread.currentThread();
    }

    /** Ends the hooks on the calling thread. Has no effect if another thread runs them meanwhile. */
    void leaveHooks() {
        HOOK_THREAD.compareAndSet(this, Thread.currentThread(), null);
    }

    /** Enters the handler on the calling thread. Returns false if the thread is inside it already. */
    boolean enterHandler() {
        if (handlerThread == Thread.currentThread()) {
            return false;
        }
        enterHandlerOn(Thread.currentThread());
        return true;
    }

    private synchronized void enterHandlerOn(Thread caller) {
        handlerThread = caller;
        handledBy = null;
        if (ending != null && remote == null) {
            caller.interrupt();
        }
    }

    /** Leaves the handler, and clears the interrupt of an ending that the handler may not have noticed. */
    synchronized void leaveHandler() {
        handledBy = handlerThread;
        handlerThread = null;
        if (ending != null) {
            Thread.interrupted();
        }
    }

    /** Returns whether a thread is inside the handler, or the handler runs remotely. */
    synchronized boolean isRunning() {
        return handlerThread != null || (remote != null && handledBy == null);
    }

    /** Returns whether the thread is inside the handler or a hook of this request. */
    boolean runsOn(Thread thread) {
        return handlerThread == thread || hookThread == thread;
    }

    /** Wakes the thread that is inside a hook of this request, if it is parked. */
    void unparkHooks() {
        LockSupport.unpark(hookThread);
    }

    /** Adds the threads that are inside the handler or a hook of this request, unless it waits for its client. */
    void addBusyThreads(Set<Thread> threads) {
        // In a handshake, it can be in a layer or a hook.
        if (handlerThread != null && request.isWaiting()) {
            return;
        }
        for (Thread thread : new Thread[] {handlerThread, hookThread}) {
            if (thread != null) {
                threads.add(thread);
            }
        }
    }

    /** Waits for the remote handler. */
    void handleRemotely(RemoteHandling handling) throws Exception {
        try {
            caughtDeadline = handling.handle();
        } finally {
            synchronized (this) {
                remote = null;
            }
        }
    }

    /** Returns the remote handling; null if the request is handled in this process. */
    @Nullable
    RemoteHandling remote() {
        return remote;
    }

    /** Returns whether the stack of the handler is known. The stack of a remote handler is unknown until its report. */
    boolean isStackKnown() {
        RemoteHandling elsewhere = remote;
        return elsewhere == null || !elsewhere.stack().isEmpty();
    }

    void reportStuck() {
        dispatcher.telemetry().requestStuck(snapshot());
    }

    /**
     * Records what the handler or a hook has thrown. For an {@link UncheckedIOException}, as streams of lines throw, a
     * deadline or a disconnect inside it counts.
     */
    synchronized void threw(Throwable failure) {
        SurvivingLoop.releaseBallast(failure);
        Throwable cause = failure instanceof UncheckedIOException ? failure.getCause() : null;
        Throwable reason =
                cause instanceof DisconnectedException || cause instanceof DeadlineException ? cause : failure;
        if (ending instanceof Ending.Expired expired && expired.deadline() != reason) {
            // A handler whose deadline has passed may throw anything.
            expired.deadline().addSuppressed(reason);
        }
        thrown = reason;
        errorReported = false;
    }

    /** Forgets what was thrown, because an override has handled it. */
    void recovered() {
        thrown = null;
    }

    /** Returns whether a reply is to be sent: the handler has collected one and ended normally. */
    boolean hasReply() {
        return thrown == null && ending == null && served.unsent() > 0;
    }

    /**
     * Returns the failure for the error hook, once. Returns null if there is none, or if the peer has disconnected, a
     * stop has aborted the request, or it was ended to free memory.
     */
    @Nullable
    Throwable takeError() {
        return thrown == null && ending == null ? null : takeUnreported();
    }

    private synchronized @Nullable Throwable takeUnreported() {
        Throwable failure = ending instanceof Ending.Expired expired ? expired.deadline() : thrown;
        if (failure == null || errorReported) {
            return null;
        }
        errorReported = true;
        if (ending instanceof Ending.Aborted || ending instanceof Ending.Evicted) {
            return null;
        }
        if (failure instanceof DisconnectedException) {
            log.log(Level.DEBUG, "disconnect", () -> name() + ": " + failure.getMessage());
            return null;
        }
        return failure;
    }

    // Ending it from outside

    /**
     * Ends the request, unless it is closed or was ended before; a deadline only while its handler has not returned. An
     * abort replaces a deadline and an eviction. Returns true if this call did it.
     */
    boolean end(Ending why) {
        RemoteHandling elsewhere;
        synchronized (this) {
            if (closed || !mayEnd(why)) {
                return false;
            }
            ending = why;
            elsewhere = remote;
        }
        // Outside the lock, because closing a user's connection may run any code.
        if (why instanceof Ending.Aborted || why instanceof Ending.Evicted) {
            log.contained("close", request::close);
        } else if (why instanceof Ending.Expired expired && elsewhere == null) {
            log.contained("expire", () -> served.expire(expired.deadline()));
        }
        if (elsewhere != null) {
            end(elsewhere, why);
        } else if (!(why instanceof Ending.Rejected)) {
            interrupt();
        }
        dispatcher.handshakes().requestEnded(this);
        return true;
    }

    private boolean mayEnd(Ending why) {
        Ending before = ending;
        if (before == null) {
            return !(why instanceof Ending.Expired) || handledBy == null;
        }
        return (before instanceof Ending.Expired || before instanceof Ending.Evicted) && why instanceof Ending.Aborted;
    }

    private void end(RemoteHandling elsewhere, Ending why) {
        if (why instanceof Ending.Expired expired) {
            log.contained("expire", () -> elsewhere.expire(expired.deadline()));
        } else if (why instanceof Ending.Aborted) {
            log.contained("abort", elsewhere::abort);
        }
    }

    private synchronized void interrupt() {
        Thread running = handlerThread;
        // A remote handling that was set meanwhile is notified itself, and its thread must not be interrupted.
        if (running != null && remote == null) {
            running.interrupt();
        }
    }

    /** Aborts the request, because the grace period of a stop is over. Has no effect if it is aborted already. */
    void abort() {
        if (!isAborted()) {
            // Outside the lock, because the handler's thread may need it before its stack can be read.
            end(new Ending.Aborted(snapshot(), System.nanoTime()));
        }
    }

    /** Closes the request to free what it holds, unless it was ended before. */
    void evict() {
        if (end(new Ending.Evicted())) {
            dispatcher.telemetry().evicted(request);
        }
    }

    @Nullable
    Ending ending() {
        return ending;
    }

    boolean isAborted() {
        return ending instanceof Ending.Aborted;
    }

    /** Returns whether the request was aborted at least that many ns ago. */
    boolean isAbortedFor(long nanos) {
        return ending instanceof Ending.Aborted aborted && System.nanoTime() - aborted.at() >= nanos;
    }

    // Its end

    /** Runs the action of {@link #onHandled}. */
    void runOnHandled() {
        Runnable action = onHandled;
        if (action != null) {
            try {
                action.run();
            } catch (Throwable failure) {
                log.threw("onHandled", failure);
            }
        }
    }

    /** Counts the request in the limit of several servers, until {@link #leaveTotal}. */
    void enter(TotalLimit limit) {
        total = limit;
        limit.enter();
    }

    /** Called once. */
    void leaveTotal() {
        TotalLimit limit = total;
        if (limit != null) {
            limit.leave();
        }
    }

    /** Settles the request and returns the result to count. Returns null if it was settled before. */
    @Nullable
    RequestEnd settle() {
        return counted == null ? settleFirst() : null;
    }

    private synchronized @Nullable RequestEnd settleFirst() {
        if (counted != null) {
            return null;
        }
        RequestEnd end = result();
        counted = end;
        return end;
    }

    /** Returns the result that was counted, if it differs from the current one; otherwise null. */
    @Nullable
    RequestEnd miscounted() {
        RequestEnd end = counted;
        boolean same = end == null
                || (end.outcome() == outcome()
                        && end.failure().orElse(null) == failure()
                        && end.bytesIn() == request.bytesIn()
                        && end.bytesOut() == bytesOut());
        return same ? null : end;
    }

    /** Returns the number of bytes sent, including a reply that is still to be sent. */
    private long bytesOut() {
        return request.bytesOut() + (hasReply() ? served.unsent() : 0);
    }

    /** Claims the steps between the handler and the end that the peer sees. Returns true for the first call. */
    boolean takeConclusion() {
        return !concluded && takeFirstConclusion();
    }

    private synchronized boolean takeFirstConclusion() {
        boolean first = !concluded;
        concluded = true;
        return first;
    }

    boolean isSettled() {
        return counted != null;
    }

    /** Closes the exchange, after which nothing changes its result. Returns true for the first call. */
    boolean close() {
        return !closed && closeFirst();
    }

    private synchronized boolean closeFirst() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    @Override
    public RequestEnd result() {
        return new RequestEnd(
                id,
                outcome(),
                ending instanceof Ending.Rejected rejected ? Optional.of(rejected.why()) : Optional.empty(),
                request.bytesIn(),
                bytesOut(),
                age(),
                Optional.ofNullable(failure()));
    }

    /** Returns the outcome so far: the ending decides, otherwise the failure, otherwise the handler ended normally. */
    private RequestOutcome outcome() {
        if (ending instanceof Ending.Rejected) {
            return RequestOutcome.REJECTED;
        }
        if (ending instanceof Ending.Aborted || ending instanceof Ending.Evicted) {
            return RequestOutcome.ABORTED;
        }
        Throwable failure = failure();
        if (failure == null) {
            return RequestOutcome.DONE;
        }
        if (failure instanceof DisconnectedException) {
            return RequestOutcome.DISCONNECTED;
        }
        return failure instanceof DeadlineException ? RequestOutcome.TIMED_OUT : RequestOutcome.FAILED;
    }

    /** Returns the deadline that ended the request, otherwise what was thrown, otherwise a deadline that was caught. */
    private @Nullable Throwable failure() {
        if (ending instanceof Ending.Expired expired) {
            return expired.deadline();
        }
        Throwable failure = thrown;
        if (failure != null || ending != null) {
            return failure;
        }
        return caughtDeadline == null ? served.timedOut() : caughtDeadline;
    }

    LiveRequest snapshot() {
        Thread thread;
        RemoteHandling elsewhere;
        synchronized (this) {
            thread = handlerThread;
            elsewhere = handledBy == null ? remote : null;
        }
        SocketAddress peer = request.clientAddress();
        if (elsewhere != null) {
            return new LiveRequest(id, peer, age(), request.isWaiting(), elsewhere.thread(), elsewhere.stack());
        }
        if (thread != null) {
            String name = thread.getName();
            List<StackTraceElement> stack = List.of(thread.getStackTrace());
            // Otherwise the handler has returned meanwhile, and its thread may run the next request.
            if (handlerThread == thread) {
                return new LiveRequest(id, peer, age(), request.isWaiting(), name, stack);
            }
        }
        return new LiveRequest(id, peer, age(), false, "", List.of());
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    // Stored here for other parts of the engine

    /** Sets the key that this request counts against. */
    synchronized void clientKey(Object key) {
        clientKey = key;
    }

    /** Returns the key that this request counts against; null from the second call on. */
    @Nullable
    Object takeClientKey() {
        return clientKey == null ? null : takeCountedClientKey();
    }

    private synchronized @Nullable Object takeCountedClientKey() {
        Object key = clientKey;
        clientKey = null;
        return key;
    }

    @Nullable
    RequestEvent event() {
        return event;
    }

    void event(@Nullable RequestEvent started) {
        event = started;
    }

    /** Starts the timer of the request, if its server has a limit for it. */
    void startTimer(ServerOptions options) {
        RequestTimer own = served.timer(options);
        if (own != null) {
            timer = own;
            own.attach(this);
            if (closed) {
                // Closed by a hook or another thread before the timer was started.
                own.stop();
            }
        }
    }

    void stopTimer() {
        RequestTimer own = timer;
        if (own != null) {
            own.stop();
        }
    }

    /** Cheaper than the identity hash code. Every request enters a hash set. */
    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }
}
