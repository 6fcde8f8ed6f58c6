package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestListener;
import org.socketserver.api.Server;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.ServerStats;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.SurvivingLoop;
import org.socketserver.api.spi.Layer;
import org.socketserver.api.spi.MixIn;

/**
 * The template of all servers: binds, accepts requests, sends each through its hooks, and stops.
 *
 * <p><b>States.</b>
 *
 * <pre>{@code
 *            bind              serveForever, start, handleRequest
 *   NEW ------------> BOUND ------------------------------> SERVING
 *    |                 |  ^                                    |
 *    |                 |  |  the loop has ended                | shutdown
 *    |                 |  +-------------------- STOPPING <-----+
 *    | close           | close                     | close
 *    +-----------------+------> CLOSED <-----------+
 * }</pre>
 *
 * <p>A close leads from every state to CLOSED at once; the stop is then a part of the close. A constructor checks its
 * arguments and does no I/O. Serving binds the server first if necessary. A server that was
 * shut down stays bound and can serve again; a closed server can't.
 *
 * <p><b>Requests</b> pass through the hooks of {@link ServerHooks} in CPython's order. When the handler has returned,
 * the counters and limits change, then the output ends, then the request is closed and reported: see {@link
 * ServerStats}.
 *
 * <p><b>Threads.</b> All public methods may be called from any thread. One thread at a time serves: the caller of
 * {@link #serveForever()} or {@link #handleRequest()}, or the server's own thread after {@link #start()}. Interrupting
 * it has the effect of {@link #shutdown()}.
 *
 * <p><b>Failure.</b> What a handler throws, including an {@link Error}, ends only its own request, with one exception:
 * after an {@link OutOfMemoryError} the server goes on, but threads of the JDK may have died, so start the JVM with
 * {@code -XX:+ExitOnOutOfMemoryError}. What clients make the server hold is bounded by {@link ClientMemory}. What a
 * hook throws is logged and contained. The accept loop survives failures to accept: it continues at once if only one
 * connection has failed, retries with back-off from 10 ms to 1 s if the system lacks resources (logged once), and ends
 * only if the listening socket itself has failed.
 *
 * @param <R> kind of request
 */
public abstract class BaseServer<R extends Request> extends ServerHooks<R> implements MixIn.Host, AutoCloseable {
    private static final Duration ENDLESS = Duration.ofNanos(Long.MAX_VALUE);

    /** How long a close accepts what waits in the kernel's queue. */
    private static final long QUEUE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SocketAddress requestedAddress;
    private final HandlerSource<R> handlers;
    private final ServerOptions options;

    private final InFlight<R> inFlight = new InFlight<>();
    private final Dispatcher<R> dispatcher;
    private final Acceptor.Backoff backoff = new Acceptor.Backoff();
    /** Completed with its report when the server is closed and has released everything. */
    private final CompletableFuture<ShutdownReport> released = new CompletableFuture<>();
    /** Guards the state: held to bind, to begin and end a run, and to close. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable SocketAddress boundAddress;
    /** Part of the name of each request. */
    private volatile @Nullable String boundName;

    /** The current run; null while the server does not serve. */
    private volatile @Nullable Acceptor<R> acceptor;

    private volatile boolean stopAsked;
    private volatile boolean ready = true;
    private final AtomicBoolean suspended = new AtomicBoolean();
    private boolean hasServed;
    /** The thread that closes the server. */
    private volatile @Nullable Thread closing;

    private boolean mixInOpen;
    private boolean retained;
    private volatile boolean closed;

    /**
     * Creates a server that is not bound.
     *
     * @param address the address to serve on
     * @param handlers the source of handlers
     * @param options the options
     */
    @SuppressWarnings("this-escape") // The dispatcher only stores this until the server is bound.
    protected BaseServer(SocketAddress address, HandlerSource<R> handlers, ServerOptions options) {
        this.requestedAddress = Objects.requireNonNull(address, "address");
        this.handlers = Objects.requireNonNull(handlers, "handlers");
        this.options = Objects.requireNonNull(options, "options");
        this.dispatcher = new Dispatcher<>(this, this, handlers, options, inFlight);
    }

    // What the server is

    @Override
    public String name() {
        String bound = boundName;
        return bound == null ? nameAt(address()) : bound;
    }

    private String nameAt(SocketAddress address) {
        return options.name().isEmpty() ? transport() + " " + AddressText.of(address) : options.name();
    }

    @Override
    public SocketAddress address() {
        SocketAddress bound = boundAddress;
        return bound == null ? requestedAddress : bound;
    }

    @Override
    public final ServerOptions options() {
        return options;
    }

    @Override
    public final HandlerSource<R> handlerSource() {
        return handlers;
    }

    /**
     * Returns the current state of the server.
     *
     * @return the state at this moment
     */
    public final ServerState state() {
        Acceptor<R> current = acceptor;
        if (closed) {
            return ServerState.CLOSED;
        }
        if (current != null) {
            return current.isStopping() ? ServerState.STOPPING : ServerState.SERVING;
        }
        return boundAddress == null ? ServerState.NEW : ServerState.BOUND;
    }

    @Override
    public final boolean isStopping() {
        Acceptor<R> current = acceptor;
        return closed || (current == null ? stopAsked : current.isStopping());
    }

    @Override
    public final List<LiveRequest> liveRequests() {
        return inFlight.snapshots();
    }

    @Override
    public final List<LiveRequest> stuckRequests(Duration age) {
        Checks.notNegative("age", age);
        return inFlight.snapshots().stream()
                .filter(request -> request.isBusy() && request.age().compareTo(age) >= 0)
                .toList();
    }

    @Override
    public final ServerStats stats() {
        return dispatcher.stats();
    }

    /**
     * Sets the mix-in, which decides where requests run. Without a mix-in they run on the accept loop, one after
     * another.
     *
     * @param mixIn the mix-in; belongs to this server from now on, and is closed with it or when another mix-in
     *     replaces it
     * @throws IllegalStateException if the server is bound or closed already, or the mix-in belongs to another server
     * @throws IllegalArgumentException if the mix-in can't run this server's handlers, or can't work with its address
     *     or options
     */
    public final void mixIn(MixIn mixIn) {
        Objects.requireNonNull(mixIn, "mixIn");
        lock.lock();
        try {
            requireNew("the mix-in");
            mixIn.attach(this);
            if (dispatcher.mixIn() != MixIn.SYNCHRONOUS) {
                log().contained("close of the mix-in", dispatcher.mixIn()::close);
            }
            dispatcher.mixIn(mixIn);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a listener for the events of this server. Several listeners are called in the order in which they were
     * added. What one throws is logged and contained, and the others are called all the same.
     *
     * @param listener the listener, shared by all threads of this server
     * @throws IllegalStateException if the server is bound or closed already
     */
    public final void listener(RequestListener listener) {
        Objects.requireNonNull(listener, "listener");
        lock.lock();
        try {
            requireNew("the listeners");
            dispatcher.telemetry().listener(listener);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a layer over each connection, such as TLS or the PROXY protocol. The first one that is added is the first on
     * the wire.
     *
     * <p>The layers of a connection begin before the mix-in gets the request: with a mix-in on a thread of the
     * connection's own, which is virtual where the JVM has virtual threads; without one on the accept loop, so that one
     * silent client holds up all others. {@link org.socketserver.api.Limits#handshakes} bounds their number, {@link
     * org.socketserver.api.Deadline#HANDSHAKE} their time. A stop waits for a connection whose layers are not complete,
     * and then for its handler, within its grace period. A client that fails is counted as rejected, and logged at
     * debug level only.
     *
     * @param layer the layer, shared by all connections
     * @throws IllegalStateException if the server is bound or closed already
     * @throws UnsupportedOperationException if this is a server for packets
     */
    public void layer(Layer layer) {
        Objects.requireNonNull(layer, "layer");
        lock.lock();
        try {
            requireNew("the layers");
            dispatcher.handshakes().add(layer);
        } finally {
            lock.unlock();
        }
    }

    private void requireNew(String what) {
        requireOpen();
        if (state() != ServerState.NEW) {
            throw new IllegalStateException(what + " of " + name() + " can be set only before the server is bound");
        }
    }

    // Serving

    /**
     * Binds and activates the server, unless it is bound already. Afterwards {@link #address()} returns the bound
     * address, and clients can connect or send, but wait until the server serves. An interrupt of the calling thread
     * does not affect binding and is kept; {@link MixIn#open()} may fail because of it.
     *
     * @throws IOException if the address can't be bound (a {@link java.net.BindException} with the address and the
     *     reason), or if the mix-in can't be prepared ({@link MixIn#open()}); nothing is left open
     * @throws IllegalStateException if the server is closed
     */
    public final void bind() throws IOException {
        try {
            bindQuietly();
        } finally {
            telemetry().reportStates();
        }
    }

    /** Binds without a report of the state. */
    private void bindQuietly() throws IOException {
        lock.lock();
        try {
            requireOpen();
            if (boundAddress != null) {
                return;
            }
            if (!mixInOpen) {
                dispatcher.mixIn().open();
                mixInOpen = true;
            }
            boolean done = false;
            try {
                SocketAddress bound = Objects.requireNonNull(serverBind(), "serverBind returned null");
                boundAddress = bound;
                boundName = nameAt(bound);
                serverActivate();
                // A hook may have closed the server.
                if (!closed) {
                    SurvivingLoop.retain();
                    retained = true;
                    done = true;
                    telemetry().stateChanged(ServerState.BOUND);
                }
            } finally {
                if (!done) {
                    boundAddress = null;
                    boundName = null;
                    log().contained("serverClose", this::serverClose);
                }
            }
            requireOpen();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Serves until {@link #shutdown()} or {@link #close()}, calling {@link #serviceActions()} at least every {@link
     * ServerOptions#pollInterval()}. Binds the server first if necessary.
     *
     * @throws IOException if the address can't be bound, or the listening socket fails while serving
     * @throws IllegalStateException if the server is closed, or another call already serves
     */
    public void serveForever() throws IOException {
        serveForever(options.pollInterval());
    }

    /**
     * Serves as {@link #serveForever()} does, with another poll interval.
     *
     * @param pollInterval maximum time between two calls of {@link #serviceActions()} while no requests arrive
     * @throws IOException if the address can't be bound, or the listening socket fails while serving
     * @throws IllegalStateException if the server is closed, or another call already serves
     * @throws IllegalArgumentException if the interval is less than 1 ms
     */
    public void serveForever(Duration pollInterval) throws IOException {
        Checks.atLeastMillis("pollInterval", pollInterval, 1);
        Acceptor<R> current = begin(Thread.currentThread());
        telemetry().reportStates();
        serve(current, Checks.nanos(pollInterval));
    }

    /**
     * Binds on the calling thread if necessary, and serves on a new thread, which keeps the JVM alive.
     *
     * <p>The server is serving when this method returns, so a later shutdown ends this run.
     *
     * @throws IOException if the address can't be bound
     * @throws IllegalStateException if the server is closed, or another call already serves
     */
    public void start() throws IOException {
        start(this::logEnd);
    }

    /** Starts as {@link #start()} does. The action runs when serving has ended, with the failure or null. */
    final void start(Consumer<@Nullable IOException> ended) throws IOException {
        bind();
        startOwnThread(begin(ownThread(ended)));
        telemetry().reportStates();
    }

    private Thread ownThread(Consumer<@Nullable IOException> ended) {
        Thread thread = new Thread(() -> ended.accept(serveOnOwnThread()), name() + " accept");
        thread.setDaemon(false);
        return thread;
    }

    private void startOwnThread(Acceptor<R> begun) {
        boolean started = false;
        try {
            begun.thread().start();
            started = true;
        } finally {
            if (!started) {
                end(begun);
            }
        }
    }

    private @Nullable IOException serveOnOwnThread() {
        try {
            serve(Objects.requireNonNull(acceptor), Checks.nanos(options.pollInterval()));
            return null;
        } catch (IOException failure) {
            return failure;
        }
    }

    /** Logs why serving has ended, unless it was stopped. */
    final void logEnd(@Nullable IOException failure) {
        if (failure != null) {
            log().log(Level.ERROR, "serving", name() + " stopped serving: " + failure.getMessage(), failure);
        }
    }

    /** Returns whether a handler or hook of this server runs on the thread. */
    final boolean runsOn(Thread thread) {
        Acceptor<R> current = acceptor;
        return inFlight.runsOn(thread) || (current != null && current.thread() == thread);
    }

    /** Sets a limit that this server shares with others. */
    final void total(TotalLimit limit) {
        lock.lock();
        try {
            requireNew("the total limit");
            dispatcher.total(limit);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Handles at most one request. Waits for it at most {@link ServerOptions#acceptTimeout()}.
     *
     * @return true if a request arrived, also if it was rejected; false after {@link #handleTimeout()}, or if a
     *     shutdown ended the wait
     * @throws IOException if the address can't be bound, or the listening socket fails
     * @throws IllegalStateException if the server is closed, or another call already serves
     */
    public boolean handleRequest() throws IOException {
        Duration timeout = options.acceptTimeout();
        return handleRequest(timeout.isZero() ? ENDLESS : timeout);
    }

    /**
     * Handles at most one request. Waits for it at most the given time. With a mix-in, the request may still run when
     * this method returns.
     *
     * @param timeout the maximum time to wait; zero does not wait
     * @return true if a request arrived, also if it was rejected; false after {@link #handleTimeout()}, or if a
     *     shutdown ended the wait
     * @throws IOException if the address can't be bound, or the listening socket fails
     * @throws IllegalStateException if the server is closed, or another call already serves
     * @throws IllegalArgumentException if the time is negative
     */
    public boolean handleRequest(Duration timeout) throws IOException {
        long nanos = Checks.nanos(Checks.notNegative("timeout", timeout));
        Acceptor<R> current = begin(Thread.currentThread());
        telemetry().reportStates();
        try {
            return current.serveOne(nanos);
        } finally {
            end(current);
        }
    }

    private Acceptor<R> begin(Thread thread) throws IOException {
        Acceptor<R> begun = beginRun(thread);
        boolean ready = false;
        try {
            useShutdownHook();
            ready = true;
            return begun;
        } finally {
            if (!ready) {
                end(begun);
            }
        }
    }

    private Acceptor<R> beginRun(Thread thread) throws IOException {
        lock.lock();
        try {
            requireOpen();
            Acceptor<R> other = acceptor;
            if (other != null) {
                throw new IllegalStateException(
                        name() + " is served by the thread " + other.thread().getName() + " already");
            }
            bindQuietly();
            Acceptor<R> begun = new Acceptor<>(this, dispatcher, thread, suspended, backoff);
            stopAsked = false;
            hasServed = true;
            acceptor = begun;
            telemetry().stateChanged(ServerState.SERVING);
            return begun;
        } finally {
            lock.unlock();
        }
    }

    /** Makes the end of the JVM close this server, until {@link ShutdownHook#remove}. */
    private void useShutdownHook() {
        if (options.shutdownHook()) {
            ShutdownHook.add(this);
        }
    }

    private void serve(Acceptor<R> current, long pollNanos) throws IOException {
        try {
            current.serve(pollNanos);
        } finally {
            end(current);
            log().log(Level.DEBUG, "serving", () -> name() + " has stopped serving");
        }
    }

    private void end(Acceptor<R> current) {
        lock.lock();
        try {
            acceptor = null;
            current.end(inFlight.lastId());
            if (!closed) {
                telemetry().stateChanged(ServerState.BOUND);
            }
        } finally {
            lock.unlock();
            ShutdownHook.remove(this);
        }
        inFlight.signal();
        telemetry().reportStates();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(name() + " is closed; make a new server");
        }
    }

    // Ready, suspended

    /**
     * Returns whether a load balancer should send clients to this server: it serves, is not suspended, no stop has
     * begun, and {@link #ready} has not said otherwise.
     *
     * @return true if ready
     */
    public final boolean isReady() {
        return ready && !suspended.get() && !isStopping() && state() == ServerState.SERVING;
    }

    /**
     * Sets whether {@link #isReady()} may be true. With {@code false}, the server continues to accept and serve, so a
     * load balancer that asks for {@code isReady} can send clients elsewhere before a stop begins (a lame duck). It
     * stays so when serving ends and begins again. Default: true.
     *
     * @param ready false to be not ready
     */
    public final void ready(boolean ready) {
        this.ready = ready;
    }

    /**
     * Suspends accepting and receiving until {@link #resume()}: clients wait in the kernel's queue. Running requests
     * continue, and so do the accept loop and {@link #serviceActions()}. One request that the loop is fetching at this
     * moment may still be served. The server stays suspended when serving ends and begins again. Has no effect if
     * accepting is suspended already.
     */
    public final void suspend() {
        suspended.set(true);
    }

    /**
     * Resumes accepting and receiving, beginning with the clients that have waited. Has no effect if accepting is not
     * suspended.
     */
    public final void resume() {
        suspended.set(false);
        wakeup();
    }

    /**
     * Returns whether accepting is suspended.
     *
     * @return true between {@link #suspend()} and {@link #resume()}
     */
    public final boolean isSuspended() {
        return suspended.get();
    }

    /**
     * Waits until all requests are closed, without stopping anything. Call {@link #suspend()} first to let no more
     * requests in. A handler that calls this method waits for itself until the time is over.
     *
     * @param timeout the maximum time to wait; zero does not wait
     * @return true if all requests were closed at some moment, false if the time was over first
     * @throws InterruptedException if the caller is interrupted
     * @throws IllegalArgumentException if the time is negative
     */
    public final boolean awaitIdle(Duration timeout) throws InterruptedException {
        return inFlight.awaitNone(Checks.nanos(Checks.notNegative("timeout", timeout)));
    }

    // Stop

    /**
     * Ends serving. Running requests continue, the address stays bound, and the server can serve again.
     *
     * <p>Takes effect at once: nothing is accepted after this call. Returns when the accept loop has ended, but at the
     * latest after {@link ServerOptions#grace()}. Without a mix-in, the loop ends after the request that it is
     * handling. If the thread of the loop itself calls this method, from a hook or from a handler without a mix-in, it
     * returns at once, and the loop ends afterwards. Has no effect on a server that is not serving; a later call of
     * {@link #serveForever()} serves.
     */
    @Override
    public void shutdown() {
        boolean announced = inFlight.stopBegins(Thread.currentThread());
        try {
            Acceptor<R> current = stopAccepting();
            if (current != null && !current.isOnCurrentThread()) {
                current.awaitEnd(Checks.nanos(options.grace()));
            }
        } finally {
            if (announced) {
                inFlight.stopEnds(Thread.currentThread());
            }
        }
    }

    /**
     * Ends serving and all running requests.
     *
     * <p>This method stops accepting. During the grace period, it ends the input of idle connections, whose handlers
     * wait for input and have read nothing since they last wrote, and lets the other requests finish. A connection of
     * which nothing was read yet counts as idle 100 ms after it was accepted, any other after 20 ms of waiting. Then it
     * aborts the remaining requests: it closes them, interrupts their handlers, and waits for at most one more second.
     * It returns as soon as all requests are closed. Connections that were not accepted yet stay in the kernel's queue.
     *
     * <p>A request that runs on the calling thread is left alone and reported as running. If the caller is a handler or
     * hook, the same is true for requests that stop the server at the same time. A request that an earlier stop has
     * aborted is not waited for again. Interrupting the caller ends the grace period. Serving can begin again as soon
     * as the loop has ended; this stop does not affect the requests of the new run.
     *
     * @param grace how long busy requests may continue; zero aborts them at once
     * @return how the requests have ended
     * @throws IllegalArgumentException if the time is negative
     */
    public ShutdownReport shutdown(Duration grace) {
        return drain(Checks.nanos(Checks.notNegative("grace", grace)), this::stopAccepting);
    }

    private ShutdownReport drain(long graceNanos, Supplier<? extends @Nullable Acceptor<R>> stop) {
        // Otherwise the end of the JVM would cut a stop short once the loop has ended.
        useShutdownHook();
        try (Drain<R> drain = new Drain<>(inFlight)) {
            return drain.run(stop.get(), graceNanos);
        } finally {
            ShutdownHook.remove(this);
        }
    }

    /** Closes the server as {@link #close(Duration)} does, with {@link ServerOptions#grace()}. */
    @Override
    public void close() {
        close(options.grace());
    }

    /**
     * Closes the server: stops as {@link #shutdown(Duration)} does, then releases the address, the mix-in and all other
     * resources. The state is {@link ServerState#CLOSED} from the start of the call. For up to 2 s, this method waits
     * for connections whose client is still sending, or was just answered by {@link
     * org.socketserver.api.WhenFull#answer}.
     *
     * <p><b>The kernel's queue.</b> Clients may have connected that were not accepted yet, and the kernel resets them
     * when the socket is closed. So if the server has served, is not suspended, and does not share its queue with
     * another process ({@link ServerOptions#reusePort()}), this method first accepts the connections of the queue and
     * serves them within the grace period: at most {@link ServerOptions#backlog()} of them, for at most 100 ms (without
     * a mix-in, until the end of the grace period), and only while the mix-in has capacity. It does not do this if the
     * grace is zero, or if a handler or hook on the accept loop calls it. A connection that is completed between the
     * last accept and the close is still reset. A client that connects over TCP at that very moment may get no reset
     * from Linux, as with any server.
     *
     * <p>Further calls wait until the first has finished, unless a handler or hook of this server makes them.
     *
     * @param grace how long busy requests may continue; zero aborts them at once
     * @return how the requests have ended, for every call; to a handler or hook that does not wait, the requests that
     *     are running
     * @throws IllegalArgumentException if the time is negative
     */
    public ShutdownReport close(Duration grace) {
        Checks.notNegative("grace", grace);
        if (beginClose()) {
            return finishClose(grace);
        }
        Acceptor<R> current = acceptor;
        Thread caller = Thread.currentThread();
        if (caller != closing && !inFlight.runsOn(caller) && (current == null || !current.isOnCurrentThread())) {
            try {
                return released.get();
            } catch (InterruptedException stopWaiting) {
                caller.interrupt();
            } catch (ExecutionException never) {
                throw new IllegalStateException(never);
            }
        }
        return new ShutdownReport(0, List.of(), liveRequests());
    }

    /** Closes the server because the JVM shuts down, even if the thread that closes it has called System.exit. */
    void closeAtExit() throws InterruptedException {
        boolean first = beginClose();
        Thread closer = Objects.requireNonNull(closing);
        while (!first && !released.isDone()) {
            Thread.sleep(20);
            // In this order, because that thread may exit after it has closed the server.
            first = ShutdownHook.isInExit(closer) && !released.isDone();
        }
        if (first) {
            finishClose(options.grace());
        }
    }

    private ShutdownReport finishClose(Duration grace) {
        ShutdownReport report = new ShutdownReport(0, List.of(), List.of());
        // An earlier interrupt, such as one that has ended serving, must not end the grace period.
        boolean interruptedBefore = Thread.interrupted();
        try {
            useShutdownHook();
            telemetry().reportStates();
            long nanos = Checks.nanos(grace);
            report = drain(nanos, () -> stopAcceptingAfterQueue(nanos));
            for (LiveRequest request : report.forced()) {
                log().log(
                                Level.WARNING,
                                "request aborted",
                                () -> name() + " aborted a request at the end of the grace period: " + request);
            }
        } finally {
            release(report);
            if (interruptedBefore) {
                Thread.currentThread().interrupt();
            }
        }
        return report;
    }

    private void release(ShutdownReport report) {
        try {
            log().contained("serverClose", this::serverClose);
            log().contained("close of the mix-in", dispatcher.mixIn()::close);
            awaitLingering(this);
            log().close();
            if (retained) {
                SurvivingLoop.release();
            }
        } finally {
            released.complete(report);
            ShutdownHook.remove(this);
        }
    }

    /** Returns false if an earlier call has begun to close the server. */
    private boolean beginClose() {
        lock.lock();
        try {
            boolean first = !closed;
            closed = true;
            if (first) {
                closing = Thread.currentThread();
                telemetry().stateChanged(ServerState.CLOSED);
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Acceptor<R> stopAccepting() {
        stopAsked = true;
        Acceptor<R> current = acceptor;
        if (current != null) {
            stop(current);
            wakeupTransport();
            telemetry().reportStates();
        }
        return current;
    }

    private void stop(Acceptor<R> current) {
        // Under the monitor of the reports, because the loop may end at once, and BOUND must be reported after this.
        synchronized (telemetry()) {
            current.stop();
            if (acceptor == current && !closed) {
                telemetry().stateChanged(ServerState.STOPPING);
            }
        }
    }

    /**
     * Stops the loop, without waiting; it then accepts what is in the kernel's queue, and ends. If no loop runs, a new
     * one accepts it.
     */
    private @Nullable Acceptor<R> stopAcceptingAfterQueue(long graceNanos) {
        AtomicReference<@Nullable Acceptor<R>> last = new AtomicReference<>();
        if (graceNanos > 0) {
            log().contained("ownsQueue", () -> last.set(ownsQueue() ? acceptQueueAtEnd(graceNanos) : null));
        }
        Acceptor<R> stopped = stopAccepting();
        Acceptor<R> accepting = last.get();
        // It may have ended already.
        return accepting == null ? stopped : accepting;
    }

    private @Nullable Acceptor<R> acceptQueueAtEnd(long graceNanos) {
        // Without a mix-in, the loop also handles the connections. The drain ends this after the grace period.
        long nanos = dispatcher.mixIn() == MixIn.SYNCHRONOUS ? graceNanos : QUEUE_NANOS;
        Acceptor<R> running = acceptor;
        if (running != null && !running.acceptAtEnd(options.backlog(), nanos) && !running.isOnCurrentThread()) {
            // Another stop came first, and it is about to end.
            running.awaitEnd(QUEUE_NANOS);
        }
        lock.lock();
        try {
            Acceptor<R> current = acceptor;
            if (current == null && hasServed) {
                current = new Acceptor<>(this, dispatcher, ownThread(this::logEnd), suspended, backoff);
                current.acceptAtEnd(options.backlog(), nanos);
                current.stop();
                useShutdownHook();
                acceptor = current;
                startOwnThread(current);
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public final void wakeup() {
        Acceptor<R> current = acceptor;
        if (current != null) {
            LockSupport.unpark(current.thread());
            wakeupTransport();
        }
        dispatcher.handshakes().capacityReturned();
    }

    @Override
    public final void endServing(IOException reason) {
        Objects.requireNonNull(reason, "reason");
        Acceptor<R> current = acceptor;
        if (current != null) {
            current.fail(reason);
            wakeup();
        }
    }

    // The hooks that lead back into the template

    @Override
    protected void processRequest(R request) throws Exception {
        dispatcher.process(request);
    }

    @Override
    protected void finishRequest(R request) throws Exception {
        dispatcher.finish(request);
    }

    @Override
    protected void shutdownRequest(R request) {
        dispatcher.shutdown(request);
    }

    @Override
    protected void closeRequest(R request) {
        dispatcher.close(request);
    }

    @Override
    protected void handleTimeout() {
        dispatcher.mixIn().handleTimeout();
    }

    @Override
    protected void serviceActions() {
        dispatcher.mixIn().serviceActions();
    }

    /**
     * Waits until no connection lingers that was closed while its peer was still sending, for at most a few seconds.
     *
     * @param server the server of the requests of those connections
     */
    protected final void awaitLingering(Server server) {
        LingeringClose.INSTANCE.await(server);
    }

    @Override
    final EventLog log() {
        return telemetry().log();
    }

    /** Returns the telemetry, for subclasses that report events of their own. */
    final Telemetry telemetry() {
        return dispatcher.telemetry();
    }

    /** Returns the name and the state. */
    @Override
    public String toString() {
        return name() + " (" + state() + ")";
    }
}
