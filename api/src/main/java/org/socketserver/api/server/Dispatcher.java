package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerStats;
import org.socketserver.api.WhenFull;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.SurvivingLoop;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RemoteHandling;

/**
 * Sends each fetched request through the hooks, and ensures that it is counted, closed and reported exactly once,
 * whatever they throw.
 *
 * <p>{@link #dispatch} and {@link #reject} run on the accept loop, {@link #handshake} on a thread of its own if the
 * server has layers, {@link #run} on a thread that the mix-in chooses.
 * The steps after the handler are, in this order: the error hook, while the request is still open; the counters and
 * limits; the slot of the mix-in; the reply that the handler has collected; the end of the output; the close; the
 * report. So everything has been counted before the peer can see the end. Each step is done once. {@link #conclude}
 * catches up on steps that an override of a hook has left out. A step that fails for lack of memory does not prevent
 * the later ones: see {@link SurvivingLoop}.
 */
final class Dispatcher<R extends Request> {
    /** How many requests may wait to send their reply after they have returned their slot. */
    private static final int MAX_COMPLETING = 1_024;

    /** Counts what the steps of a request have thrown themselves, which is an OutOfMemoryError or a defect. */
    private static final SurvivingLoop STEPS = new SurvivingLoop("steps of a request");

    private final ServerHooks<R> hooks;
    private final MixIn.Host server;
    private final HandlerSource<R> handlers;
    private final InFlight<R> inFlight;

    private final ServerOptions options;
    private final Admission<R> admission;
    private final Handshakes<R> handshakes;
    private final Telemetry telemetry;
    private final EventLog log;
    private final AtomicInteger completing = new AtomicInteger();

    private volatile MixIn mixIn = MixIn.SYNCHRONOUS;
    private volatile @Nullable TotalLimit total;

    Dispatcher(
            ServerHooks<R> hooks,
            MixIn.Host server,
            HandlerSource<R> handlers,
            ServerOptions options,
            InFlight<R> inFlight) {
        this.hooks = hooks;
        this.server = server;
        this.handlers = handlers;
        this.options = options;
        this.inFlight = inFlight;
        telemetry = new Telemetry(server);
        log = telemetry.log();
        admission = new Admission<>(hooks, options.limits(), log);
        handshakes = new Handshakes<>(this, options.limits().handshakes(), log);
    }

    MixIn mixIn() {
        return mixIn;
    }

    void mixIn(MixIn newMixIn) {
        mixIn = newMixIn;
    }

    void total(TotalLimit limit) {
        total = limit;
    }

    Handshakes<R> handshakes() {
        return handshakes;
    }

    /** Wakes the accept loop. */
    void wakeup() {
        server.wakeup();
    }

    String serverName() {
        return server.name();
    }

    Telemetry telemetry() {
        return telemetry;
    }

    /** Returns the counters and gauges of this moment. Never waits. */
    ServerStats stats() {
        return telemetry.stats(inFlight.entries(), handshakes.inProgress(), mixIn);
    }

    /** Returns whether there is room for one more request now, so that the accept loop may fetch it. */
    boolean hasRoom() {
        return !(admission.waits() && isFull()) && untilNext() == 0;
    }

    /** Returns whether one more request can run now. */
    boolean hasCapacity() {
        return !isFull() && untilNext() == 0;
    }

    /** Returns the time in ns until the accept rate allows the next request. */
    long untilNext() {
        return admission.untilNext();
    }

    /** Returns whether the mix-in can run one more request now. */
    boolean mixInHasCapacity() {
        TotalLimit limit = total;
        return mixIn.hasCapacity() && (limit == null || limit.hasRoom());
    }

    private boolean isFull() {
        return !mixInHasCapacity() || completing.get() >= MAX_COMPLETING || handshakes.isFull();
    }

    // On the accept loop

    /** Begins a request: admits it, verifies it, and passes it on to its handshake or to the mix-in. */
    void dispatch(R request) {
        Exchange<R> exchange = begin(request);
        boolean clientKnown = handshakes.clientIsKnown();
        boolean handedOn = false;
        try {
            if (isAdmitted(exchange, admission.enter(exchange, isFull(), clientKnown))
                    && (!clientKnown || verify(exchange))) {
                exchange.startTimer(options);
                handedOn = passOn(exchange);
            }
        } catch (Throwable failure) {
            if (!exchange.isSettled()) {
                exchange.threw(failure);
            }
        } finally {
            if (!handedOn) {
                release(exchange);
            }
            exchange.leaveHooks();
        }
    }

    /** Begins a request and rejects it. */
    void reject(R request, Rejection why) {
        Exchange<R> exchange = begin(request);
        try {
            reject(exchange, why);
        } finally {
            release(exchange);
            exchange.leaveHooks();
        }
    }

    private Exchange<R> begin(R request) {
        boolean begun = false;
        try {
            Exchange<R> exchange = new Exchange<>(inFlight.lastId() + 1, request, server, this);
            exchange.enterHooks();
            exchange.served().count();
            inFlight.add(exchange);
            telemetry.requestStarted(exchange);
            begun = true;
            return exchange;
        } finally {
            if (!begun) {
                // For example an OutOfMemoryError. Nothing else would close the request.
                close(request);
            }
        }
    }

    /** Returns false if the rest of the request is still to be done here: it was rejected, or its handler has run. */
    private boolean passOn(Exchange<R> exchange) throws Exception {
        if (handshakes.isEmpty()) {
            return pass(exchange);
        }
        exchange.served().beginHandshake();
        if (mixIn == MixIn.SYNCHRONOUS) {
            return handshakes.completeHere(exchange) && pass(exchange);
        }
        handshakes.begin(exchange);
        return true;
    }

    /** Passes a request to the mix-in. Returns false if its handler has run here and the rest is still to be done. */
    boolean pass(Exchange<R> exchange) throws Exception {
        hooks.processRequest(exchange.request());
        // An override may have run the handler and left the rest to the caller.
        return !exchange.wasHandledHere();
    }

    private boolean isAdmitted(Exchange<R> exchange, @Nullable Rejection rejection) {
        if (rejection != null) {
            reject(exchange, rejection);
        }
        return rejection == null;
    }

    private boolean verify(Exchange<R> exchange) {
        try {
            if (hooks.verifyRequest(exchange.request())) {
                return true;
            }
            reject(exchange, Rejection.NOT_VERIFIED);
        } catch (Throwable failure) {
            exchange.threw(failure);
            exchange.takeError();
            log.log(Level.ERROR, "verifyRequest", "verifyRequest threw; " + exchange.name() + " is rejected", failure);
        }
        return false;
    }

    private void reject(Exchange<R> exchange, Rejection why) {
        exchange.end(new Ending.Rejected(why));
        settle(exchange);
        // A client can't read an answer that does not come through all layers.
        byte[] answer = handshakes.areComplete(exchange) ? admission.answer(why) : WhenFull.REJECT.answer();
        log.contained("reject", () -> exchange.served().reject(answer));
    }

    // On the thread of a handshake

    /** Completes the handshake of a request on the calling thread, and passes it to the mix-in. Never throws. */
    void handshake(Exchange<R> exchange) {
        boolean handedOn = false;
        try {
            exchange.enterHooks();
            handedOn = handshakes.complete(exchange) && handshakes.pass(exchange);
        } catch (Throwable failure) {
            if (!exchange.isSettled()) {
                exchange.threw(failure);
            }
        } finally {
            if (!handedOn) {
                release(exchange);
            }
            exchange.leaveHooks();
        }
    }

    /** Applies the rules for clients, once a layer has identified the client. Returns false if it is rejected. */
    boolean admitClient(Exchange<R> exchange) {
        return isAdmitted(exchange, admission.enterClient(exchange)) && verify(exchange);
    }

    /** Rejects a request if requests do not wait for capacity. */
    boolean rejectsWhenFull(Exchange<R> exchange) {
        if (!admission.waits()) {
            reject(exchange, Rejection.FULL);
        }
        return !admission.waits();
    }

    /** Passes the request to the mix-in: the default of {@link ServerHooks#processRequest}. */
    void process(R request) throws Exception {
        Exchange<R> exchange = exchangeOf(request);
        TotalLimit limit = total;
        if (limit != null) {
            exchange.enter(limit);
        }
        mixIn.processRequest(exchange);
    }

    // On a thread that the mix-in chooses

    /** Runs a request on the calling thread until it is closed. Never throws. */
    void run(Exchange<R> exchange) {
        try {
            exchange.enterHooks();
            handle(exchange);
            reportError(exchange);
            settle(exchange);
        } catch (Throwable failure) {
            STEPS.count(failure);
        } finally {
            exchange.runOnHandled();
            release(exchange);
            exchange.leaveHooks();
        }
    }

    private void handle(Exchange<R> exchange) {
        boolean entered = exchange.enterHandler();
        try {
            hooks.finishRequest(exchange.request());
            exchange.recovered();
        } catch (Throwable failure) {
            exchange.threw(failure);
        } finally {
            if (entered) {
                exchange.leaveHandler();
            }
        }
    }

    /** Creates a handler and runs it: the default of {@link ServerHooks#finishRequest}. */
    void finish(R request) throws Exception {
        Exchange<R> exchange = exchangeOf(request);
        boolean entered = exchange.enterHandler();
        try {
            RemoteHandling remote = exchange.remote();
            if (remote == null) {
                handlers.newHandler().handle(request);
            } else {
                exchange.handleRemotely(remote);
            }
        } catch (Throwable failure) {
            // Recorded here for an override of processRequest that closes the request before this propagates.
            exchange.threw(failure);
            throw failure;
        } finally {
            if (entered) {
                exchange.leaveHandler();
            }
        }
    }

    /**
     * Ends a request through the hooks, then closes it in case an override has not done so. Ordinarily {@code conclude}
     * does its work here, and its other calls, in {@code shutdown} and {@code close}, find nothing left to do.
     */
    private void release(Exchange<R> exchange) {
        try {
            conclude(exchange);
            hooks.shutdownRequest(exchange.request());
        } catch (Throwable failure) {
            log.threw("shutdownRequest", failure);
        } finally {
            close(exchange.request());
        }
    }

    /** Does the steps between the handler and the end that the peer sees, unless they have been done. */
    private void conclude(Exchange<R> exchange) {
        if (!exchange.takeConclusion()) {
            // The error hook may end the request itself, which must be counted before.
            settle(exchange);
            return;
        }
        reportError(exchange);
        settle(exchange);
        if (exchange.hasReply()) {
            complete(exchange);
            reportError(exchange);
        }
    }

    private void reportError(Exchange<R> exchange) {
        Throwable failure = exchange.takeError();
        if (failure != null) {
            log.contained("handleError", () -> hooks.handleError(exchange.request(), failure));
        }
    }

    private void settle(Exchange<R> exchange) {
        RequestEnd end = exchange.settle();
        if (end != null) {
            telemetry.requestSettled(end);
            admission.leave(exchange);
            exchange.leaveTotal();
        }
    }

    /** Sends the reply. This may wait for room in a queue; deadlines and stops can interrupt it. */
    private void complete(Exchange<R> exchange) {
        boolean entered = exchange.enterHandler();
        completing.incrementAndGet();
        try {
            exchange.served().complete();
        } catch (Throwable failure) {
            exchange.threw(failure);
        } finally {
            if (completing.getAndDecrement() == MAX_COMPLETING) {
                server.wakeup();
            }
            if (entered) {
                exchange.leaveHandler();
            }
        }
    }

    // The end, on any thread

    /** Ends the output and closes the request: the default of {@link ServerHooks#shutdownRequest}. */
    void shutdown(R request) {
        Exchange<R> exchange = exchangeOf(request);
        conclude(exchange);
        try {
            exchange.served().endOutput();
        } catch (IOException closedOrGone) {
            // Ignored, as in CPython: the peer is gone.
        }
        hooks.closeRequest(request);
    }

    /** Closes the request and reports its end: the default of {@link ServerHooks#closeRequest}. */
    void close(R request) {
        Exchange<R> exchange = find(request);
        try {
            if (exchange != null) {
                conclude(exchange);
            }
        } catch (Throwable failure) {
            STEPS.count(failure);
        } finally {
            closeNow(request, exchange);
        }
    }

    private void closeNow(R request, @Nullable Exchange<R> exchange) {
        try {
            request.close();
        } catch (Throwable failure) {
            log.threw("close", failure);
        } finally {
            if (exchange == null || exchange.close()) {
                end(request, exchange);
            }
        }
    }

    private void end(R request, @Nullable Exchange<R> exchange) {
        try {
            if (request instanceof ServerRequest served) {
                served.forget();
            }
        } finally {
            if (exchange != null) {
                end(exchange);
            }
        }
    }

    private void end(Exchange<R> exchange) {
        try {
            exchange.stopTimer();
            // Has no effect unless the request could not be counted.
            admission.leave(exchange);
            telemetry.requestStopped(exchange);
        } catch (Throwable failure) {
            STEPS.count(failure);
        } finally {
            // After the report, so that all reports have been made when a stop returns.
            inFlight.remove(exchange);
        }
    }

    private Exchange<R> exchangeOf(R request) {
        Exchange<R> exchange = find(request);
        if (exchange == null) {
            throw new IllegalStateException("the request of " + AddressText.of(request.clientAddress())
                    + " was not fetched by " + server.name());
        }
        return exchange;
    }

    @SuppressWarnings("unchecked") // A request is begun by one server, and its requests are all of type R.
    private @Nullable Exchange<R> find(R request) {
        return request instanceof ServerRequest served ? (Exchange<R>) served.exchange() : null;
    }
}
