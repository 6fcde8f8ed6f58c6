package org.socketserver.api;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.socketserver.api.log.EventLog;

/**
 * Waits for requests and sends them on their way, until its run is stopped. Runs on the serving thread; woken by stops
 * and by mix-ins, never polling.
 */
final class AcceptLoop<R extends Request> {
    /** Most requests that are turned away in one pause for want of descriptors. */
    private static final int MOST_TURNED_AWAY = 4_096;

    private final ServerHooks<R> hooks;
    private final RequestCycle<R> cycle;
    private final ServingRun run;
    private final AtomicBoolean suspended;
    private final Server server;
    private final EventLog log;
    private final AcceptBackoff backoff;

    AcceptLoop(
            ServerHooks<R> hooks,
            RequestCycle<R> cycle,
            ServingRun run,
            AtomicBoolean suspended,
            AcceptBackoff backoff,
            Server server) {
        this.hooks = hooks;
        this.cycle = cycle;
        this.run = run;
        this.suspended = suspended;
        this.backoff = backoff;
        this.server = server;
        log = cycle.telemetry().log();
    }

    /** Serves until the run is stopped. */
    void serve(long pollNanos) throws IOException {
        try {
            while (!run.isStopping()) {
                turn(pollNanos);
                if (!run.isStopping()) {
                    serviceActions();
                }
            }
        } catch (IOException failure) {
            if (!run.isStopping()) {
                throw failure;
            }
        }
    }

    private void serviceActions() {
        try {
            hooks.serviceActions();
        } catch (Throwable failure) {
            log.threw("serviceActions", failure);
        }
    }

    /** Serves one request; false if none came in time, or the run was stopped. */
    boolean serveOne(long nanos) throws IOException {
        try {
            return serveOneWithin(nanos);
        } catch (IOException failure) {
            if (!run.isStopping()) {
                throw failure;
            }
            return false;
        }
    }

    private boolean serveOneWithin(long nanos) throws IOException {
        long began = System.nanoTime();
        while (!run.isStopping()) {
            try {
                // Asked again before the fetch: it may have been suspended during the wait.
                if (awaitRequest(Math.max(0, nanos - (System.nanoTime() - began))) && mayFetch() && fetch()) {
                    return true;
                }
            } catch (RuntimeException | Error failure) {
                survive(failure);
            }
            if (System.nanoTime() - began >= nanos && !run.isStopping()) {
                log.contained("handleTimeout", hooks::handleTimeout);
                return false;
            }
        }
        return false;
    }

    /** Takes all requests that are ready, until none is, there is no room, or the poll interval is over. */
    private void turn(long pollNanos) throws IOException {
        try {
            if (!awaitRequest(pollNanos)) {
                return;
            }
            long began = System.nanoTime();
            while (!run.isStopping() && mayFetch() && fetch()) {
                if (System.nanoTime() - began >= pollNanos) {
                    return;
                }
            }
        } catch (RuntimeException | Error failure) {
            survive(failure);
        }
    }

    /**
     * What is thrown and is no failure of the listener, such as a mistake of the mix-in or an Error for want of memory,
     * must not end the serving of all others.
     */
    private void survive(Throwable failure) throws IOException {
        failed(AcceptFailure.RESOURCES, new IOException("the accept loop met " + failure, failure));
    }

    /**
     * Waits until a request may be fetched and there is room for it; false if time is over or the loop was woken.
     *
     * <p>The pause after a failure is waited for here, so that it delays neither the service actions nor the end of a
     * wait.
     */
    private boolean awaitRequest(long nanos) throws IOException {
        run.throwFailure();
        long pause = backoff.left();
        if (pause > 0) {
            run.pause(Math.min(nanos, pause));
            return false;
        }
        if (!mayFetch()) {
            long untilNext = cycle.admission().untilNext();
            run.pause(untilNext == 0 ? nanos : Math.min(nanos, untilNext));
            return false;
        }
        if (backoff.isActive()) {
            // The JVM itself may have had the missing descriptor, for example to read a cgroup file.
            refillReserve();
        }
        return hooks.awaitReady(millis(nanos)) && !run.isStopping();
    }

    /** Rounded up: a wait of less than a millisecond must not become a spin. */
    private static long millis(long nanos) {
        return nanos == 0 ? 0 : (nanos - 1) / 1_000_000 + 1;
    }

    private boolean mayFetch() {
        return !suspended.get()
                && !cycle.admission().mustWait(cycle.mixIn())
                && cycle.admission().untilNext() == 0;
    }

    /** Fetches one request and sends it on its way; false if there was none. */
    private boolean fetch() throws IOException {
        R request;
        try {
            if (backoff.isActive()) {
                // Refill the reserve first. Without it, connections that arrive later could not be rejected and would
                // hang.
                hooks.refillReserve();
            }
            request = hooks.getRequest();
        } catch (IOException failure) {
            failed(AcceptFailure.of(failure), failure);
            return false;
        } catch (Throwable failure) {
            // A mistake in an override, or an Error such as one for want of memory or threads: no reason to stop
            // either.
            failed(AcceptFailure.RESOURCES, new IOException("getRequest threw " + failure, failure));
            return false;
        }
        backoff.reset();
        if (request == null) {
            return false;
        }
        cycle.dispatch(request);
        return true;
    }

    /** Turns away those who wait, with the descriptor kept in reserve, so that they see the end and not a hang. */
    private void turnAwayWaiting() {
        try {
            for (int count = 0; count < MOST_TURNED_AWAY && !run.isStopping(); count++) {
                R request = hooks.getRequestFromReserve();
                if (request == null) {
                    break;
                }
                cycle.turnAway(request, Refusal.NO_DESCRIPTORS);
                refillReserve();
            }
        } finally {
            refillReserve();
        }
    }

    private void refillReserve() {
        try {
            hooks.refillReserve();
        } catch (IOException noneFree) {
            // Tried again before the next connection is accepted.
        }
    }

    private void failed(AcceptFailure kind, IOException failure) throws IOException {
        switch (kind) {
            case CONNECTION -> {
                log.log(Level.DEBUG, "lost peer", () -> server.name() + " lost a peer while accepting: " + failure);
                cycle.telemetry().acceptFailed(failure, Duration.ZERO);
            }
            case DESCRIPTORS, RESOURCES -> {
                long pause = backoff.next();
                if (backoff.isNews()) {
                    log.log(
                            Level.WARNING,
                            "accept failed",
                            server.name() + ": accept failed, retrying with back-off up to "
                                    + TimeUnit.NANOSECONDS.toMillis(AcceptBackoff.LONGEST) + " ms: "
                                    + failure.getMessage());
                }
                cycle.telemetry().acceptFailed(failure, Duration.ofNanos(pause));
                if (kind == AcceptFailure.DESCRIPTORS) {
                    LingeringClose.INSTANCE.hurry();
                    log.contained("getRequest", this::turnAwayWaiting);
                }
            }
            case LISTENER -> throw failure;
        }
    }
}
