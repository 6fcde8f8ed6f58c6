package org.socketserver.api;

import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import org.socketserver.api.log.EventLog;

/**
 * Sends each fetched request through the hooks, and sees that it is closed and reported once, whatever they throw.
 *
 * <p>{@link #dispatch} runs on the accept loop; the rest where the mix-in decided.
 */
final class RequestCycle<R extends Request> implements ActiveRequest.Runner<R> {
    private final ServerHooks<R> hooks;
    private final Server server;
    private final HandlerSource<R> handlers;
    private final LiveRequests<R> live;

    private final ServerOptions options;
    private final Admission<R> admission;
    private final Telemetry telemetry;
    private final EventLog log;

    private volatile MixIn mixIn = MixIn.SYNCHRONOUS;
    /** Counted by the accept loop alone, after the request has become one of the live. */
    private volatile long lastId;

    RequestCycle(
            ServerHooks<R> hooks,
            Server server,
            HandlerSource<R> handlers,
            ServerOptions options,
            LiveRequests<R> live) {
        this.hooks = hooks;
        this.server = server;
        this.handlers = handlers;
        this.options = options;
        this.live = live;
        telemetry = new Telemetry(server);
        log = telemetry.log();
        admission = new Admission<>(hooks, options.limits(), log);
    }

    MixIn mixIn() {
        return mixIn;
    }

    void mixIn(MixIn newMixIn) {
        mixIn = newMixIn;
    }

    Admission<R> admission() {
        return admission;
    }

    Telemetry telemetry() {
        return telemetry;
    }

    /** The id of the request that was fetched last; it has become one of the live before. */
    long lastId() {
        return lastId;
    }

    /** Begins a request: lets it in, verifies it, and hands it on. */
    void dispatch(R request) {
        ActiveRequest<R> active = begin(request);
        boolean handedOn = false;
        try {
            if (admit(active)) {
                hooks.processRequest(request);
                handedOn = true;
            }
        } catch (Throwable failure) {
            failed(active, failure);
        } finally {
            if (!handedOn) {
                release(active);
            }
            active.letGo();
        }
    }

    /** Begins a request only to turn it away. */
    void turnAway(R request, Refusal why) {
        ActiveRequest<R> active = begin(request);
        try {
            refuse(active, why);
            release(active);
        } finally {
            active.letGo();
        }
    }

    private ActiveRequest<R> begin(R request) {
        boolean begun = false;
        try {
            long id = lastId + 1;
            ActiveRequest<R> active = new ActiveRequest<>(id, request, server, log, this);
            active.take();
            live.add(active);
            lastId = id;
            telemetry.requestStarted(active);
            begun = true;
            return active;
        } finally {
            if (!begun) {
                // For want of memory: nobody else would close it.
                close(request);
            }
        }
    }

    private boolean admit(ActiveRequest<R> active) {
        Refusal refusal = admission.enter(active, mixIn);
        if (refusal != null) {
            refuse(active, refusal);
            return false;
        }
        if (!verify(active)) {
            return false;
        }
        RequestWatch.begin(active, options, telemetry);
        if (active.hasEnded()) {
            // By a hook or another thread, before it was watched.
            RequestWatch.end(active);
        }
        return true;
    }

    private void refuse(ActiveRequest<R> active, Refusal why) {
        active.refused(why);
        log.contained("refuse", () -> active.request().refuse(admission.answer(why)));
    }

    private boolean verify(ActiveRequest<R> active) {
        try {
            if (hooks.verifyRequest(active.request())) {
                return true;
            }
            refuse(active, Refusal.NOT_VERIFIED);
        } catch (Throwable failure) {
            active.outcome(RequestOutcome.FAILED, failure);
            log.log(Level.ERROR, "verifyRequest", "verifyRequest threw; " + active.name() + " is refused", failure);
        }
        return false;
    }

    /** Passes the request to the mix-in: the default of {@link ServerHooks#processRequest}. */
    void process(R request) throws Exception {
        ActiveRequest<R> active = live.find(request);
        mixIn.processRequest(active != null ? active : new ActiveRequest<>(0, request, server, log, this));
    }

    /** Makes a handler and runs it: the default of {@link ServerHooks#finishRequest}. */
    void finish(R request) throws Exception {
        ActiveRequest<R> active = live.find(request);
        boolean entered = active != null && active.enter();
        try {
            RemoteHandling elsewhere = active == null ? null : active.remote();
            if (active != null && elsewhere != null) {
                active.answered(elsewhere.handle());
            } else {
                handlers.newHandler().handle(request);
                request.complete();
            }
        } finally {
            if (active != null && entered) {
                active.leave();
            }
        }
    }

    /** Closes the request and reports its end: the default of {@link ServerHooks#closeRequest}. */
    void close(R request) {
        try {
            request.close();
        } catch (Throwable failure) {
            log.threw("close", failure);
        }
        ActiveRequest<R> active = live.find(request);
        if (active != null && active.endReported()) {
            try {
                RequestWatch.end(active);
                admission.leave(active);
                telemetry.requestStopped(active);
            } finally {
                // After the report: a stop that waits for the set to become empty has seen all reports then.
                live.remove(active);
            }
        }
    }

    @Override
    public void run(ActiveRequest<R> active) {
        active.take();
        try {
            handle(active);
        } catch (Throwable failure) {
            failed(active, failure);
        } finally {
            // Before the peer can know: it may come again at once, and shall find its place free.
            admission.leave(active);
            active.handled();
            release(active);
            active.letGo();
        }
    }

    private void handle(ActiveRequest<R> active) throws Exception {
        boolean entered = active.enter();
        try {
            hooks.finishRequest(active.request());
            // Once more, for an override that runs a handler of its own.
            active.request().complete();
        } finally {
            if (entered) {
                active.leave();
            }
        }
        DeadlineException expiry = active.expiry();
        if (expiry != null) {
            // The handler has made nothing of the interrupt; its time was over all the same.
            throw expiry;
        }
        DeadlineException answered = active.answered();
        if (answered != null) {
            // The handler knows, and has said why it leaves; it was the deadline all the same.
            active.outcome(RequestOutcome.TIMED_OUT, answered);
        }
    }

    private void failed(ActiveRequest<R> active, Throwable thrown) {
        Throwable failure = reasonOf(active, unwrapped(thrown));
        if (active.isCut()) {
            active.outcome(RequestOutcome.CUT, failure);
        } else if (failure instanceof DisconnectedException) {
            active.outcome(RequestOutcome.DISCONNECTED, failure);
            log.log(Level.DEBUG, "disconnect", () -> active.name() + ": " + failure.getMessage());
        } else {
            boolean deadline = failure instanceof DeadlineException;
            active.outcome(deadline ? RequestOutcome.TIMED_OUT : RequestOutcome.FAILED, failure);
            log.contained("handleError", () -> hooks.handleError(active.request(), failure));
        }
    }

    /** What a handler throws when its time is over may be anything; the reason is the deadline. */
    private static Throwable reasonOf(ActiveRequest<?> active, Throwable thrown) {
        DeadlineException expiry = active.expiry();
        if (expiry == null || expiry == thrown) {
            return thrown;
        }
        expiry.addSuppressed(thrown);
        return expiry;
    }

    /**
     * What ended a read or a write, also where code between, such as that of streams of lines, may throw no
     * IOException.
     */
    private static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown instanceof UncheckedIOException ? thrown.getCause() : null;
        return cause instanceof DisconnectedException || cause instanceof DeadlineException ? cause : thrown;
    }

    /** Ends the request through the hooks, then closes it in any case, as an override may have left that out. */
    private void release(ActiveRequest<R> active) {
        try {
            hooks.shutdownRequest(active.request());
        } catch (Throwable failure) {
            log.threw("shutdownRequest", failure);
        }
        close(active.request());
    }
}
