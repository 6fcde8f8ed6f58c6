package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.SurvivingLoop;

/**
 * One run of the accept loop: waits for requests and passes each to the {@link Dispatcher}, until it is stopped. A stop
 * is requested from the current run, so it can never affect a later one.
 *
 * <p>It runs on the serving thread, is woken by stops and by mix-ins, and never polls. Only a failure of the listening
 * socket ends it. It survives everything else, including errors, with a back-off. {@link #stop}, {@link #fail} and the
 * methods that return its state may be called by any thread.
 */
final class Acceptor<R extends Request> {
    /** Maximum number of requests that are rejected in one pause when descriptors have run out. */
    private static final int MAX_REJECTED = 4_096;

    private static final SurvivingLoop LOOP = new SurvivingLoop("accept loop");

    private final ServerHooks<R> hooks;
    private final Dispatcher<R> dispatcher;
    private final Thread thread;
    private final AtomicBoolean suspended;
    private final Backoff backoff;
    private final EventLog log;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;
    /** How many connections of the kernel's queue to accept after the stop; 0 for none, or no more. */
    private volatile int mostAtEnd;
    /** How long to accept them, in ns. */
    private volatile long nanosAtEnd;
    /** True once it is too late for {@link #acceptAtEnd}. Guarded by this. */
    private boolean pastQueue;

    private volatile @Nullable IOException failure;
    private volatile long lastId;

    /** Creates a run that the given thread serves. */
    Acceptor(ServerHooks<R> hooks, Dispatcher<R> dispatcher, Thread thread, AtomicBoolean suspended, Backoff backoff) {
        this.hooks = hooks;
        this.dispatcher = dispatcher;
        this.thread = thread;
        this.suspended = suspended;
        this.backoff = backoff;
        log = hooks.log();
    }

    /**
     * Serves until the run is stopped.
     *
     * @throws IOException if the listening socket has failed
     */
    void serve(long pollNanos) throws IOException {
        run(() -> {
            turn(pollNanos);
            if (!isStopping()) {
                log.contained("serviceActions", hooks::serviceActions);
            }
            return true;
        });
    }

    /**
     * Serves one request. Returns false if none came in time, or the run was stopped.
     *
     * @throws IOException if the listening socket has failed
     */
    boolean serveOne(long nanos) throws IOException {
        long began = System.nanoTime();
        AtomicBoolean arrived = new AtomicBoolean();
        run(() -> {
            // Checked again before the fetch, because the server may have been suspended during the wait.
            if (awaitRequest(Math.max(0, nanos - (System.nanoTime() - began))) && mayFetch() && fetch()) {
                arrived.set(true);
                return false;
            }
            boolean over = System.nanoTime() - began >= nanos && !isStopping();
            if (over) {
                log.contained("handleTimeout", hooks::handleTimeout);
            }
            return !over;
        });
        return arrived.get();
    }

    /** Fetches what waits in the kernel's queue: see {@link BaseServer#close(Duration)}. */
    private void acceptQueue() {
        if (!beginQueue()) {
            return;
        }
        // An interrupt would close the listening socket.
        boolean interrupted = Thread.interrupted();
        long began = System.nanoTime();
        try {
            for (int count = 0; count < mostAtEnd && System.nanoTime() - began < nanosAtEnd; count++) {
                if (suspended.get() || !dispatcher.hasCapacity() || !hooks.awaitReady(0)) {
                    return;
                }
                if (!fetch() && backoff.isActive()) {
                    return;
                }
            }
        } catch (IOException closed) {
            // By other code, or by a stop that could not wait for this thread.
        } finally {
            if (interrupted) {
                thread.interrupt();
            }
        }
    }

    /** Takes turns until one returns false, the run is stopped, or the listening socket fails. */
    private void run(SurvivingLoop.Turn turn) throws IOException {
        LOOP.run(() -> !isStopping() && failure == null && take(turn));
        IOException reason = failure;
        if (reason != null && !isStopping()) {
            throw reason;
        }
        log.contained("getRequest", this::acceptQueue);
    }

    private boolean take(SurvivingLoop.Turn turn) throws IOException {
        try {
            return turn.take();
        } catch (IOException listenerFailed) {
            failure = listenerFailed;
            return false;
        } catch (Throwable other) {
            SurvivingLoop.releaseBallast(other);
            // Such as an exception from the mix-in or an OutOfMemoryError. If there is too little memory to report it
            // now, the loop does so later.
            failed(AcceptFailure.RESOURCES, new IOException("the accept loop failed: " + other, other));
            return true;
        }
    }

    /** Fetches requests until none is ready, there is no room, or the poll interval is over. */
    private void turn(long pollNanos) throws IOException {
        if (!awaitRequest(pollNanos)) {
            return;
        }
        long began = System.nanoTime();
        while (!isStopping() && mayFetch() && fetch()) {
            if (System.nanoTime() - began >= pollNanos) {
                return;
            }
        }
    }

    /**
     * Waits until a request may be fetched and there is room for it. Returns false if the time is over or the loop was
     * woken.
     *
     * <p>The pause after a failure is waited for here, so that it delays neither the service actions nor the end of a
     * wait.
     */
    private boolean awaitRequest(long nanos) throws IOException {
        long pause = backoff.left();
        if (pause > 0) {
            pause(Math.min(nanos, pause));
            return false;
        }
        if (!mayFetch()) {
            long untilNext = dispatcher.untilNext();
            pause(untilNext == 0 ? nanos : Math.min(nanos, untilNext));
            return false;
        }
        if (backoff.isActive()) {
            // The JVM itself may have used the missing descriptor, for example to read a cgroup file.
            refillReserve();
        }
        return hooks.awaitReady(millis(nanos)) && !isStopping();
    }

    /** Rounded up: a wait of less than a millisecond must not become a spin. */
    private static long millis(long nanos) {
        return nanos == 0 ? 0 : (nanos - 1) / 1_000_000 + 1;
    }

    private boolean mayFetch() {
        return !suspended.get() && dispatcher.hasRoom();
    }

    /** Fetches one request and dispatches it. Returns false if there was none. */
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
            // An exception from an override, or too little memory: not a reason to stop either.
            failed(AcceptFailure.RESOURCES, new IOException("getRequest threw " + failure, failure));
            return false;
        }
        backoff.reset();
        if (request == null) {
            return false;
        }
        dispatcher.dispatch(request);
        return true;
    }

    /** Rejects the waiting clients with the descriptor in reserve, so that they see a disconnect instead of a hang. */
    private void rejectWaiting() {
        try {
            for (int count = 0; count < MAX_REJECTED && !isStopping(); count++) {
                R request = hooks.getRequestFromReserve();
                if (request == null) {
                    break;
                }
                dispatcher.reject(request, Rejection.NO_DESCRIPTORS);
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
            // The next attempt is before the next connection is accepted.
        }
    }

    private void failed(AcceptFailure kind, IOException failure) throws IOException {
        switch (kind) {
            case CONNECTION -> {
                log.log(
                        Level.DEBUG,
                        "lost peer",
                        () -> dispatcher.serverName() + " lost a peer while accepting: " + failure);
                dispatcher.telemetry().acceptFailed(failure, Duration.ZERO);
            }
            case DESCRIPTORS, RESOURCES -> {
                long pause = backoff.next();
                if (backoff.isNews()) {
                    log.log(
                            Level.WARNING,
                            "accept failed",
                            dispatcher.serverName() + ": accept failed, retrying with back-off up to "
                                    + TimeUnit.NANOSECONDS.toMillis(Backoff.MAX_PAUSE) + " ms: "
                                    + failure.getMessage());
                }
                dispatcher.telemetry().acceptFailed(failure, Duration.ofNanos(pause));
                if (kind == AcceptFailure.DESCRIPTORS) {
                    LingeringClose.INSTANCE.closeAll();
                    log.contained("getRequest", this::rejectWaiting);
                }
            }
            case LISTENER -> throw failure;
        }
    }

    // For any thread

    Thread thread() {
        return thread;
    }

    boolean isOnCurrentThread() {
        return thread == Thread.currentThread();
    }

    /** Returns whether the loop must end, because a stop was requested or its thread was interrupted. */
    boolean isStopping() {
        return stopping || thread.isInterrupted();
    }

    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    /** Ends {@link #acceptAtEnd}. */
    void acceptNoMore() {
        mostAtEnd = 0;
    }

    /**
     * Makes the run accept connections of the kernel's queue after it was stopped, at most that many, for that long.
     * Returns false if it is too late.
     */
    synchronized boolean acceptAtEnd(int most, long nanos) {
        if (pastQueue) {
            return false;
        }
        nanosAtEnd = nanos;
        mostAtEnd = most;
        return true;
    }

    /** Returns whether the run accepts the queue. If not, it is too late for {@link #acceptAtEnd} from now on. */
    private synchronized boolean beginQueue() {
        pastQueue = mostAtEnd == 0;
        return !pastQueue;
    }

    /** Ends serving with a failure, unless a stop was requested first. */
    void fail(IOException reason) {
        failure = reason;
        LockSupport.unpark(thread);
    }

    /** Pauses the loop; a stop or an {@link LockSupport#unpark} ends the pause early. */
    private void pause(long nanos) {
        if (!stopping && failure == null) {
            LockSupport.parkNanos(this, nanos);
        }
    }

    /** Ends the run, which has fetched the requests up to the given id. */
    void end(long last) {
        lastId = last;
        ended.countDown();
    }

    /** Returns the id of the last request that the run, which has ended, has fetched. */
    long lastId() {
        return lastId;
    }

    boolean isEnded() {
        return ended.getCount() == 0;
    }

    /** Waits for the end of the run. Returns early if the caller is interrupted, and keeps the interrupt. */
    void awaitEnd(long nanos) {
        try {
            ended.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The pauses between attempts to accept while the system lacks resources: 10 ms, doubled up to 1 s. Each server has
     * one, used by the serving thread.
     */
    static final class Backoff {
        private static final long FIRST = TimeUnit.MILLISECONDS.toNanos(10);
        static final long MAX_PAUSE = TimeUnit.SECONDS.toNanos(1);
        /** Near the limit, attempts alternately succeed and fail. Failures within this time are logged once. */
        private static final long QUIET = TimeUnit.SECONDS.toNanos(5);

        private long pause;
        private long began;
        private boolean failedBefore;
        private boolean news;

        /** Begins the pause after a failure. Returns its length in ns. */
        long next() {
            long now = System.nanoTime();
            news = !failedBefore || (pause == 0 && now - began >= QUIET);
            failedBefore = true;
            pause = pause == 0 ? FIRST : Math.min(MAX_PAUSE, pause * 2);
            began = now;
            return pause;
        }

        /** Returns whether the last failure was the first in at least 5 s. */
        boolean isNews() {
            return news;
        }

        /** Returns the rest of the pause in ns; zero or less if there is none or it is over. */
        long left() {
            return pause == 0 ? 0 : pause - (System.nanoTime() - began);
        }

        /** Returns whether the last attempt failed. */
        boolean isActive() {
            return pause > 0;
        }

        void reset() {
            pause = 0;
        }
    }
}
