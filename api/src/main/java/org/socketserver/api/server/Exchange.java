package org.socketserver.api.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
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
import org.socketserver.api.spi.RemoteHandling;
import org.socketserver.api.spi.RequestTask;

/**
 * One request from when it was fetched until it is closed: the task that a mix-in runs, the entry of {@link InFlight},
 * and what a deadline or a stop ends.
 *
 * <p>Its state is three facts, which change under its lock: the {@link Ending}, if it was ended from outside; the
 * thread inside the handler, the only one that is ever interrupted; and how far it has come.
 *
 * <pre>{@code
 *   begun -> handler entered -> handler left -> settled -> closed
 * }</pre>
 *
 * <p>Settled means that the handler has returned and the request no longer counts: counters, limits and the slot of the
 * mix-in have changed, and {@link Server#liveRequests()} does not list it any more. All of this comes before the peer
 * can see the end. Closed means that the end was reported.
 */
final class Exchange<R extends Request> implements RequestTask {
    @SuppressWarnings("rawtypes") // The class that an updater is made of has no parameters.
    private static final AtomicReferenceFieldUpdater<Exchange, @Nullable Thread> CARRIER =
            AtomicReferenceFieldUpdater.newUpdater(Exchange.class, Thread.class, "carrier");

    private final long id;
    private final R request;
    private final ServerRequest served;
    private final Server server;
    private final Dispatcher<R> dispatcher;
    private final EventLog log;
    private final long began = System.nanoTime();

    /** The thread that is inside a hook of this request, or inside its handler. */
    private volatile @Nullable Thread carrier;

    // Changed under the lock, and read without it.
    /** The thread that is inside the handler. */
    private volatile @Nullable Thread handler;

    private volatile boolean handled;
    /** The thread that left the handler last. */
    private @Nullable Thread handledBy;

    private volatile @Nullable Ending ending;
    private volatile @Nullable Throwable thrown;
    /** How it was counted; null until it is settled. */
    private volatile @Nullable RequestEnd counted;

    private volatile boolean changed;
    private volatile boolean concluded;
    private boolean completed;

    private volatile boolean closed;

    private volatile @Nullable RemoteHandling remote;
    /** The deadline that the handler has answered by itself. */
    private volatile @Nullable DeadlineException answered;
    /** Whether the error hook was told. */
    private boolean errorReported;

    private volatile boolean processed;

    // Kept here for those who began something with the request and end it when the request ends.
    private volatile @Nullable Runnable onHandled;
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
    public void handleElsewhere(RemoteHandling handling) {
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
    public RequestEnd end() {
        return result();
    }

    @Override
    public void drain() {
        RemoteHandling elsewhere = remote;
        // Contained, because a connection can be a user's, and the other requests must hear of the stop too.
        log.contained("drain", elsewhere != null ? elsewhere::drain : () -> served.drain(null));
    }

    // The way through the server

    long id() {
        return id;
    }

    ServerRequest served() {
        return served;
    }

    /** Notes that the mix-in has the request and is going to run it. */
    void processed() {
        processed = true;
    }

    /** Returns whether the handler has run on the calling thread although the mix-in never had the request. */
    synchronized boolean wasHandledByHook() {
        return !processed && handledBy == Thread.currentThread();
    }

    /** Begins to run hooks of this request on the calling thread. */
    void enterHooks() {
        carrier = Thread.currentThread();
    }

    /** Runs no more hooks on the calling thread; without effect if another thread has taken over. */
    void leaveHooks() {
        CARRIER.compareAndSet(this, Thread.currentThread(), null);
    }

    /** Enters the handler on the calling thread. Returns false if that thread is inside it already. */
    boolean enterHandler() {
        if (handler == Thread.currentThread()) {
            return false;
        }
        enterHandlerOn(Thread.currentThread());
        return true;
    }

    private synchronized void enterHandlerOn(Thread caller) {
        handler = caller;
        handled = false;
        if (ending != null && remote == null) {
            caller.interrupt();
        }
    }

    /** Leaves the handler, and clears the interrupt of an ending that came too late to be seen. */
    synchronized void leaveHandler() {
        handledBy = handler;
        handler = null;
        handled = true;
        if (ending != null) {
            Thread.interrupted();
        }
    }

    /** Returns whether the calling thread or another one is inside the handler. */
    synchronized boolean isRunning() {
        return handler != null || (remote != null && !handled);
    }

    /** Returns whether the thread is inside the handler or a hook of this request. */
    boolean runsOn(Thread thread) {
        return handler == thread || carrier == thread;
    }

    /** Waits for the handler in another place. */
    void handleRemotely(RemoteHandling handling) throws Exception {
        try {
            answered = handling.handle();
        } finally {
            synchronized (this) {
                remote = null;
            }
        }
    }

    /** Returns what handles the request in another place; null if nothing does. */
    @Nullable
    RemoteHandling remote() {
        return remote;
    }

    /** Returns whether it is known what the handler does; of a remote one nothing is until its first report. */
    boolean isSeen() {
        RemoteHandling elsewhere = remote;
        return elsewhere == null || !elsewhere.stack().isEmpty();
    }

    void reportStuck() {
        dispatcher.telemetry().requestStuck(snapshot());
    }

    /**
     * Sets what the handler or a hook has thrown. Of what a wrapper such as a stream of lines throws, the deadline or
     * the disconnect inside counts.
     */
    synchronized void threw(Throwable failure) {
        Throwable cause = failure instanceof UncheckedIOException ? failure.getCause() : null;
        Throwable reason =
                cause instanceof DisconnectedException || cause instanceof DeadlineException ? cause : failure;
        if (ending instanceof Ending.Expired expired && expired.deadline() != reason) {
            // A handler whose time is over may throw anything.
            expired.deadline().addSuppressed(reason);
        }
        thrown = reason;
        errorReported = false;
        changed = true;
    }

    /** Forgets what was thrown, because an override has dealt with it. */
    void recovered() {
        thrown = null;
    }

    /** Takes the right to send the reply. Returns false if there is none, or if the handler did not end normally. */
    boolean takeReply() {
        return served.unsent() > 0 && mayReply();
    }

    private synchronized boolean mayReply() {
        if (completed || thrown != null || ending != null) {
            return false;
        }
        completed = true;
        return true;
    }

    /**
     * Returns what the error hook must be told of, once; null if nothing, or if the peer or a stop is the reason.
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
        if (ending instanceof Ending.Aborted) {
            return null;
        }
        if (failure instanceof DisconnectedException) {
            log.log(Level.DEBUG, "disconnect", () -> name() + ": " + failure.getMessage());
            return null;
        }
        return failure;
    }

    // Ending it from outside

    /** Ends the request, unless its handler has returned or it was ended before. Returns true if this call did it. */
    boolean end(Ending why) {
        RemoteHandling elsewhere;
        synchronized (this) {
            if (closed || !mayEnd(why)) {
                return false;
            }
            ending = why;
            changed = true;
            elsewhere = remote;
        }
        // Outside the lock, because a connection can be a user's and close in its own way.
        if (why instanceof Ending.Aborted) {
            log.contained("close", request::close);
        } else if (why instanceof Ending.Expired expired && elsewhere == null) {
            log.contained("expire", () -> served.expire(expired.deadline()));
        }
        if (elsewhere != null) {
            end(elsewhere, why);
        } else if (!(why instanceof Ending.Rejected)) {
            interrupt();
        }
        return true;
    }

    private boolean mayEnd(Ending why) {
        Ending before = ending;
        if (before == null) {
            return !(why instanceof Ending.Expired) || !handled;
        }
        return before instanceof Ending.Expired && why instanceof Ending.Aborted;
    }

    private void end(RemoteHandling elsewhere, Ending why) {
        if (why instanceof Ending.Expired expired) {
            log.contained("expire", () -> elsewhere.expire(expired.deadline()));
        } else if (why instanceof Ending.Aborted) {
            log.contained("cut", elsewhere::cut);
        }
    }

    private synchronized void interrupt() {
        Thread running = handler;
        // A handling that came meanwhile is told itself, and its thread must not be disturbed.
        if (running != null && remote == null) {
            running.interrupt();
        }
    }

    /** Aborts the request, because a stop waits no longer. Without effect the second time. */
    void abort() {
        if (!isAborted()) {
            // The snapshot is taken outside the lock, which the handler's thread may need to be looked at.
            end(new Ending.Aborted(snapshot(), System.nanoTime()));
        }
    }

    @Nullable
    Ending ending() {
        return ending;
    }

    boolean isAborted() {
        return ending instanceof Ending.Aborted;
    }

    /** Returns whether it was aborted at least that many ns ago. */
    boolean isAbortedFor(long nanos) {
        return ending instanceof Ending.Aborted aborted && System.nanoTime() - aborted.at() >= nanos;
    }

    // Its end

    /** Runs the action that waits for the end of the handler. */
    void runOnHandled() {
        Runnable action = onHandled;
        if (action != null) {
            log.contained("onHandled", action::run);
        }
    }

    /** Settles how the request is counted. Returns null if it was settled before. */
    synchronized @Nullable RequestEnd settle() {
        if (counted != null) {
            return null;
        }
        RequestEnd end = result();
        counted = end;
        changed = false;
        return end;
    }

    /** Returns how the request was counted, if that is no longer how it has ended; null otherwise. */
    @Nullable
    RequestEnd miscounted() {
        RequestEnd end = counted;
        return end != null && (changed || end.bytesIn() != request.bytesIn() || end.bytesOut() != bytesOut())
                ? end
                : null;
    }

    /** Returns what was sent, with the reply that is going to be sent. */
    private long bytesOut() {
        return request.bytesOut() + (thrown == null && ending == null ? served.unsent() : 0);
    }

    /** Notes that nothing is left to do between the handler and the end that the peer sees. */
    void concluded() {
        concluded = true;
    }

    boolean isConcluded() {
        return concluded;
    }

    boolean isSettled() {
        return counted != null;
    }

    /** Closes the exchange, after which nothing changes its result. Returns true for the first call. */
    synchronized boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        return true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Returns how the request has ended so far: by its ending, otherwise by what was thrown, otherwise normally. */
    RequestEnd result() {
        Ending why = ending;
        Throwable failure = thrown;
        RequestOutcome outcome;
        if (why instanceof Ending.Rejected) {
            outcome = RequestOutcome.REFUSED;
        } else if (why instanceof Ending.Aborted) {
            outcome = RequestOutcome.CUT;
        } else if (why instanceof Ending.Expired expired) {
            outcome = RequestOutcome.TIMED_OUT;
            failure = expired.deadline();
        } else if (failure == null) {
            failure = deadlineAnswered();
            outcome = failure == null ? RequestOutcome.DONE : RequestOutcome.TIMED_OUT;
        } else if (failure instanceof DisconnectedException) {
            outcome = RequestOutcome.DISCONNECTED;
        } else {
            outcome = failure instanceof DeadlineException ? RequestOutcome.TIMED_OUT : RequestOutcome.FAILED;
        }
        return new RequestEnd(
                id,
                outcome,
                why instanceof Ending.Rejected rejected ? Optional.of(rejected.why()) : Optional.empty(),
                request.bytesIn(),
                bytesOut(),
                age(),
                Optional.ofNullable(failure));
    }

    /** Returns the deadline that has passed and that the handler has made the best of; null if none has. */
    private @Nullable DeadlineException deadlineAnswered() {
        return answered == null ? served.timedOut() : answered;
    }

    LiveRequest snapshot() {
        Thread thread;
        RemoteHandling elsewhere;
        synchronized (this) {
            thread = handler;
            elsewhere = handled ? null : remote;
        }
        SocketAddress peer = request.clientAddress();
        if (elsewhere != null) {
            return new LiveRequest(id, peer, age(), request.isWaiting(), elsewhere.thread(), elsewhere.stack());
        }
        if (thread != null) {
            String name = thread.getName();
            List<StackTraceElement> stack = List.of(thread.getStackTrace());
            // Otherwise the handler has ended meanwhile, and its thread may have the next request.
            if (handler == thread) {
                return new LiveRequest(id, peer, age(), request.isWaiting(), name, stack);
            }
        }
        return new LiveRequest(id, peer, age(), false, "", List.of());
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    // What others keep here

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
                // By a hook or another thread, before it was started.
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

    /** Cheaper than the identity that it stands for: every request enters the set of those in flight. */
    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }
}
