package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
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
import org.socketserver.api.spi.MixIn;

/**
 * The template of every server: it binds, waits, fetches requests, sends each through its hooks, and stops.
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
 * <p>Construction checks its arguments and touches nothing. Serving binds first if nobody has. A server that was shut
 * down stays bound and can serve again; a closed one can't.
 *
 * <p><b>The way of a request</b> is that of CPython, through the hooks of {@link ServerHooks}.
 *
 * <p><b>Threads.</b> All public methods may be called from any thread. One thread at a time serves: the caller of
 * {@link #serveForever()} or {@link #handleRequest()}, or the server's own after {@link #start()}. Interrupting it has
 * the effect of {@link #shutdown()}.
 *
 * <p><b>Failure.</b> What a handler throws, {@link Error}s included, ends its own request only. A hook that throws is
 * reported in the log and contained. Failures of accepting are survived: the loop retries at once when the failure is
 * of one peer, with pauses growing from 10 ms to 1 s when the system lacks resources (logged once), and ends only when
 * the listening socket itself is gone.
 *
 * @param <R> kind of request
 */
public abstract class BaseServer<R extends Request> extends ServerHooks<R> implements MixIn.Host, AutoCloseable {
    private static final Duration ENDLESS = Duration.ofNanos(Long.MAX_VALUE);

    private final SocketAddress requestedAddress;
    private final HandlerSource<R> handlers;
    private final ServerOptions options;

    private final InFlight<R> inFlight = new InFlight<>();
    private final Dispatcher<R> dispatcher;
    private final Acceptor.Backoff backoff = new Acceptor.Backoff();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch released = new CountDownLatch(1);
    /** Guards the states, and so binding, the begin of a run, and closing. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable SocketAddress boundAddress;
    /** Part of the name of each request. */
    private volatile @Nullable String boundName;

    /** The run of this moment; null while the server does not serve. */
    private volatile @Nullable Acceptor<R> acceptor;

    private volatile boolean stopAsked;
    private final AtomicBoolean suspended = new AtomicBoolean();
    private boolean mixInOpen;
    private boolean retained;
    private volatile boolean closed;

    /**
     * Makes a server that is not bound yet.
     *
     * @param address where to serve
     * @param handlers where handlers come from
     * @param options the options
     */
    @SuppressWarnings("this-escape") // The dispatcher keeps this, and calls nothing of it before the server is bound.
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
        return dispatcher.telemetry().counters().snapshot(inFlight.entries());
    }

    /**
     * Sets where requests run; without it they run on the accept loop, one after another.
     *
     * @param mixIn the mix-in; belongs to this server from now on, and is closed with it, or when another takes its
     *     place
     * @throws IllegalStateException if the server is bound or closed already, or the mix-in belongs to another server
     * @throws IllegalArgumentException if the mix-in can't run this server's handlers, or can't work with its
     *     address or options
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
     * Sets who hears of requests; what it throws is logged and contained.
     *
     * @param listener the listener, shared by all threads of this server
     * @throws IllegalStateException if the server is bound or closed already
     */
    public final void listener(RequestListener listener) {
        Objects.requireNonNull(listener, "listener");
        lock.lock();
        try {
            requireNew("the listener");
            dispatcher.telemetry().listener(listener);
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
     * Binds and activates the server, unless that was done before. Afterwards {@link #address()} is the real one, and
     * peers can connect or send; they wait until the server serves. An interrupt of the calling thread is kept, and
     * does not keep the address from being had; {@link MixIn#open()} may fail because of it.
     *
     * @throws IOException if the address can't be had, a {@link java.net.BindException} that names it and says why;
     *     nothing is left open. Or if the mix-in can't be prepared: {@link MixIn#open()}
     * @throws IllegalStateException if the server is closed
     */
    public final void bind() throws IOException {
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
                SocketAddress bound = Objects.requireNonNull(serverBind(), "serverBind gave null");
                boundAddress = bound;
                boundName = nameAt(bound);
                serverActivate();
                SurvivingLoop.retain();
                retained = true;
                done = true;
            } finally {
                if (!done) {
                    boundAddress = null;
                    boundName = null;
                    log().contained("serverClose", this::serverClose);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Serves until {@link #shutdown()} or {@link #close()}, calling {@link #serviceActions()} at least every {@link
     * ServerOptions#pollInterval()}. Binds first if need be.
     *
     * @throws IOException if the address can't be had, or the listening socket fails while serving
     * @throws IllegalStateException if the server is closed, or served already by another call
     */
    public void serveForever() throws IOException {
        serveForever(options.pollInterval());
    }

    /**
     * Serves as {@link #serveForever()} does, with another poll interval.
     *
     * @param pollInterval longest time between two calls of {@link #serviceActions()} while nothing comes
     * @throws IOException if the address can't be had, or the listening socket fails while serving
     * @throws IllegalStateException if the server is closed, or served already by another call
     * @throws IllegalArgumentException if the interval is less than 1 ms
     */
    public void serveForever(Duration pollInterval) throws IOException {
        Checks.atLeastOneMilli("pollInterval", pollInterval);
        serve(begin(Thread.currentThread()), Checks.nanos(pollInterval));
    }

    /**
     * Binds on the calling thread if need be, and serves on a thread of the server's own, which keeps the JVM
     * ainFlight.
     *
     * <p>When this returns the server is serving, so a shutdown from now on ends that.
     *
     * @throws IOException if the address can't be had
     * @throws IllegalStateException if the server is closed, or served already by another call
     */
    public void start() throws IOException {
        bind();
        Thread thread = new Thread(this::serveOnOwnThread, name() + " accept");
        thread.setDaemon(false);
        Acceptor<R> begun = begin(thread);
        boolean started = false;
        try {
            thread.start();
            started = true;
        } finally {
            if (!started) {
                end(begun);
            }
        }
    }

    private void serveOnOwnThread() {
        try {
            serve(Objects.requireNonNull(acceptor), Checks.nanos(options.pollInterval()));
        } catch (IOException failure) {
            log().log(Level.ERROR, "serving", name() + " stopped serving: " + failure.getMessage(), failure);
        }
    }

    /**
     * Handles at most one request, waiting for it no longer than {@link ServerOptions#acceptTimeout()}.
     *
     * @return true if a request came, whether it was verified or not; false after {@link #handleTimeout()}, or if a
     *     shutdown ended the wait
     * @throws IOException if the address can't be had, or the listening socket fails
     * @throws IllegalStateException if the server is closed, or served already by another call
     */
    public boolean handleRequest() throws IOException {
        Duration timeout = options.acceptTimeout();
        return handleRequest(timeout.isZero() ? ENDLESS : timeout);
    }

    /**
     * Handles at most one request, waiting for it no longer than the given time. With a mix-in, it may still run when
     * this returns.
     *
     * @param timeout how long to wait; zero does not wait at all
     * @return true if a request came, whether it was verified or not; false after {@link #handleTimeout()}, or if a
     *     shutdown ended the wait
     * @throws IOException if the address can't be had, or the listening socket fails
     * @throws IllegalStateException if the server is closed, or served already by another call
     * @throws IllegalArgumentException if the time is negative
     */
    public boolean handleRequest(Duration timeout) throws IOException {
        long nanos = Checks.nanos(Checks.notNegative("timeout", timeout));
        Acceptor<R> current = begin(Thread.currentThread());
        try {
            return current.serveOne(nanos);
        } finally {
            end(current);
        }
    }

    private Acceptor<R> begin(Thread thread) throws IOException {
        lock.lock();
        try {
            requireOpen();
            Acceptor<R> other = acceptor;
            if (other != null) {
                throw new IllegalStateException(
                        name() + " is served by the thread " + other.thread().getName() + " already");
            }
            bind();
            // Again: a hook of binding may have closed the server.
            requireOpen();
            Acceptor<R> begun = new Acceptor<>(this, dispatcher, thread, suspended, backoff);
            stopAsked = false;
            acceptor = begun;
            return begun;
        } finally {
            lock.unlock();
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
            current.end();
        } finally {
            lock.unlock();
        }
        inFlight.signal();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(name() + " is closed; make a new server");
        }
    }

    // Suspend

    /**
     * Accepts and receives nothing from now on, until {@link #resume()}: peers wait in the kernel's queue. Requests
     * that run go on; so do the loop and {@link #serviceActions()}. One request that the loop is fetching at this
     * moment may still be served. Holds in every state but {@link ServerState#CLOSED}, also when serving ends and
     * begins again. Without effect the second time.
     */
    public final void suspend() {
        suspended.set(true);
    }

    /** Accepts and receives again; those who have waited come first. Without effect if not suspended. */
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
     * Waits until no request is live, without stopping anything; with {@link #suspend()} before, no more come. A
     * handler that calls it waits for itself, so in vain.
     *
     * @param timeout how long to wait at most; zero only looks
     * @return true if no request was live at some moment, false if time was over
     * @throws InterruptedException if the caller is interrupted
     * @throws IllegalArgumentException if the time is negative
     */
    public final boolean awaitIdle(Duration timeout) throws InterruptedException {
        return inFlight.awaitNone(Checks.nanos(Checks.notNegative("timeout", timeout)));
    }

    // Stop

    /**
     * Ends serving and leaves running requests alone; the address stays bound, and the server can serve again.
     *
     * <p>Nothing is accepted after this call. It takes effect at once, and returns when the accept loop has ended: that
     * is after the request that the loop itself is handling, if there is no mix-in, but at the latest after {@link
     * ServerOptions#grace()}. Called by the loop's own thread, as from a hook or from a handler without a mix-in, it
     * returns at once, and the loop ends when it gets there. Without effect on a server that is not serving; a later
     * call of {@link #serveForever()} serves.
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
     * Ends serving and sees running requests to their end.
     *
     * <p>In this order: accepts nothing more; waits for {@link ServerOptions#drainDelay()}; ends the input of idle
     * connections, whose handlers wait for input and have read nothing since they last wrote; lets the others finish
     * until the grace is over; then closes those requests and interrupts their handlers, and waits for one second more
     * at most. A request that an earlier stop has cut is not waited for again. Returns as soon as no request is left. A
     * request that runs on the calling thread itself is left alone and reported as running. So are, for a caller that
     * is a handler or hook, requests that stop the server at the same time. Interrupting the caller ends the grace.
     * Serving can begin again as soon as the loop has ended; the requests of the new run are not this stop's.
     *
     * @param grace how long busy requests may go on; zero cuts them at once
     * @return what became of the requests
     * @throws IllegalArgumentException if the time is negative
     */
    public ShutdownReport shutdown(Duration grace) {
        long nanos = Checks.nanos(Checks.notNegative("grace", grace));
        ShutdownEvent event = ShutdownEvent.started();
        try (Drain<R> drain = new Drain<>(inFlight, dispatcher::lastId)) {
            Acceptor<R> stopped = stopAccepting();
            ShutdownReport report = drain.run(stopped, Checks.nanos(options.drainDelay()), nanos);
            if (stopped != null || !report.isEmpty()) {
                event.end(name(), report);
            }
            return report;
        }
    }

    /** Stops as {@link #close(Duration)} does, with {@link ServerOptions#grace()}. */
    @Override
    public void close() {
        close(options.grace());
    }

    /**
     * Stops as {@link #shutdown(Duration)} does, then releases the address, the mix-in, and everything else. The state
     * is {@link ServerState#CLOSED} from the begin of the call. Connections whose peer is still sending, or was just
     * answered by {@link org.socketserver.api.WhenFull#answer}, are seen to their end, which takes up to 2 s. Peers
     * that were not accepted are reset by the kernel; Linux may tell nothing to one that connects over TCP in that very
     * moment, as to the peers of any server.
     *
     * <p>Further calls wait until the first is done, unless a handler or hook of this server makes them.
     *
     * @param grace how long busy requests may go on; zero cuts them at once
     * @throws IllegalArgumentException if the time is negative
     */
    public void close(Duration grace) {
        Checks.notNegative("grace", grace);
        if (!closing.compareAndSet(false, true)) {
            awaitClosed();
            return;
        }
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        // One that was there before, as when an interrupt has ended serving, shall not cost requests their grace.
        boolean interruptedBefore = Thread.interrupted();
        ShutdownReport report = shutdown(grace);
        for (LiveRequest request : report.forced()) {
            log().log(
                            Level.WARNING,
                            "request cut",
                            () -> name() + " cut a request when its grace was over: " + request);
        }
        log().contained("serverClose", this::serverClose);
        log().contained("close of the mix-in", dispatcher.mixIn()::close);
        awaitGoodbyes(this);
        log().close();
        if (retained) {
            SurvivingLoop.release();
        }
        released.countDown();
        if (interruptedBefore) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitClosed() {
        Acceptor<R> current = acceptor;
        if (inFlight.runsOn(Thread.currentThread()) || (current != null && current.isOnCurrentThread())) {
            return;
        }
        try {
            released.await();
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Acceptor<R> stopAccepting() {
        stopAsked = true;
        Acceptor<R> current = acceptor;
        if (current != null) {
            current.stop();
            wakeupTransport();
        }
        return current;
    }

    @Override
    public final void wakeup() {
        Acceptor<R> current = acceptor;
        if (current != null) {
            LockSupport.unpark(current.thread());
            wakeupTransport();
        }
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
     * Waits until no connection lingers that was closed while its peer was still sending; at most for some seconds.
     *
     * @param server what the requests of those connections have as their server
     */
    protected final void awaitGoodbyes(Server server) {
        LingeringClose.INSTANCE.await(server);
    }

    final MixIn mixIn() {
        return dispatcher.mixIn();
    }

    @Override
    final EventLog log() {
        return telemetry().log();
    }

    /** Where the server kinds tell what can be seen of them. */
    final Telemetry telemetry() {
        return dispatcher.telemetry();
    }

    /** Returns the name and the state. */
    @Override
    public String toString() {
        return name() + " (" + state() + ")";
    }
}
