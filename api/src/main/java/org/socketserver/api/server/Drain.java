package org.socketserver.api.server;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.ShutdownReport;

/**
 * One stop that ends all requests. Created before the accept loop is told to stop, so that it has all requests in
 * flight at that moment.
 *
 * <p>It waits until requests are closed and reported, not only until their handlers have returned. It neither waits for
 * nor aborts two kinds of request, and reports them as running: those whose thread waits for this stop, because it is
 * the caller or has called {@link System#exit}; and, if the caller is a handler or hook of this server, those that wait
 * in a stop too, because they would wait for each other. A request that an earlier stop has aborted is not waited for
 * again.
 *
 * <p>Used by the thread that stops.
 */
final class Drain<R extends Request> implements AutoCloseable {
    /** The interval at which requests are drained again, because a connection may have become idle meanwhile. */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(10);

    /** The interval at which threads that have called {@link System#exit} are looked for. */
    private static final long CHECK = TimeUnit.MILLISECONDS.toNanos(100);

    /** How long to wait for aborted requests, and for an accept loop that a hook blocks. */
    private static final long ABORT_MARGIN = TimeUnit.SECONDS.toNanos(1);

    private final InFlight<R> inFlight;
    private final Thread caller = Thread.currentThread();
    /** The threads that wait for this stop, the caller among them. */
    private final Set<Thread> waiters = new HashSet<>();

    private final boolean announced;
    /** The id of the last request that began before the stop. */
    private final long lastBefore;

    private final Set<Exchange<R>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private @Nullable Acceptor<R> run;
    /** True once {@link #noteExits} has looked at the threads. */
    private boolean checked;
    /** When it did so last. */
    private long checkedAt;
    /** True if the caller is inside a handler or a hook of this server. */
    private boolean inside;

    /**
     * Notes the requests in flight.
     *
     * @param inFlight the requests of the server
     */
    Drain(InFlight<R> inFlight) {
        this.inFlight = inFlight;
        waiters.add(caller);
        announced = inFlight.stopBegins(caller);
        inside = inFlight.runsOn(caller);
        lastBefore = inFlight.lastId();
        seen.addAll(inFlight.entries());
        seen.removeIf(entry -> entry.id() > lastBefore);
    }

    /**
     * Waits until all requests are closed, aborts those that remain at the end of the grace period, and reports how
     * they ended.
     *
     * @param stopped the run that was stopped; null if there was none. Requests of a later run are left alone
     * @param graceNanos the grace period
     */
    ShutdownReport run(@Nullable Acceptor<R> stopped, long graceNanos) {
        run = stopped;
        inside |= isOnLoop();
        // An interrupt ends the grace period, but not the wait for the requests that are aborted because of it.
        boolean interrupted = Thread.interrupted() || await(graceNanos, Exchange::drain);
        if (stopped != null) {
            stopped.acceptNoMore();
        }
        interrupted |= await(ABORT_MARGIN, Exchange::abort);
        if (interrupted) {
            caller.interrupt();
        }
        return report();
    }

    private ShutdownReport report() {
        // Counted by id, because a request that began and ended unseen is part of this stop too.
        List<Exchange<R>> left = entries();
        long count = seen.stream().filter(entry -> entry.id() <= lastBefore).count() + last() - lastBefore;
        Set<Exchange<R>> running = Set.copyOf(left);
        List<LiveRequest> forced = new ArrayList<>();
        for (Exchange<R> entry : seen) {
            if (entry.ending() instanceof Ending.Aborted aborted && !running.contains(entry)) {
                forced.add(aborted.snapshot());
            }
        }
        forced.sort(Comparator.comparingLong(LiveRequest::id));
        return new ShutdownReport(
                Math.max(0, (int) count - forced.size() - left.size()), List.copyOf(forced), InFlight.snapshots(left));
    }

    private boolean isOnLoop() {
        return run != null && waiters.contains(run.thread());
    }

    /**
     * Returns whether more requests may begin. Returns false once an aborted handler has blocked the accept loop for
     * the margin.
     */
    private boolean isAccepting() {
        Acceptor<R> current = run;
        return current != null
                && !current.isEnded()
                && !isOnLoop()
                && entries().stream()
                        .noneMatch(entry -> entry.isAbortedFor(ABORT_MARGIN) && entry.runsOn(current.thread()));
    }

    /** Returns the id of the last request of the run. */
    private long last() {
        if (run == null) {
            return lastBefore;
        }
        return run.isEnded() ? run.lastId() : inFlight.lastId();
    }

    /** Returns the requests in flight of the run and of earlier runs. */
    private List<Exchange<R>> entries() {
        List<Exchange<R>> entries = inFlight.entries();
        // Checked after taking the entries: while the run has not ended, there are no requests of a later run.
        if (run == null || run.isEnded()) {
            long last = last();
            entries.removeIf(entry -> entry.id() > last);
        }
        return entries;
    }

    /**
     * Waits until there is nothing left to wait for, or the time is over. Returns true if the caller was interrupted.
     */
    private boolean await(long nanos, Consumer<Exchange<R>> treatment) {
        long began = System.nanoTime();
        while (true) {
            // Checked first, so that requests which the loop dispatched before it ended are among those below.
            noteExits();
            boolean more = isAccepting();
            List<Exchange<R>> waiting = waitedFor();
            waiting.forEach(treatment);
            long left = nanos - (System.nanoTime() - began);
            if (left <= 0 || (waiting.isEmpty() && !more)) {
                return false;
            }
            try {
                inFlight.awaitChange(Math.min(left, ROUND), () -> waitedFor().isEmpty() && !isAccepting());
            } catch (InterruptedException stopWaiting) {
                return true;
            }
        }
    }

    /** Adds the threads that have called {@link System#exit}: if a shutdown hook runs this stop, they wait for it. */
    private void noteExits() {
        long now = System.nanoTime();
        if (checked && now - checkedAt < CHECK) {
            return;
        }
        checked = true;
        checkedAt = now;
        if (!ShutdownHook.isJvmShuttingDown()) {
            return;
        }
        Set<Thread> threads = inFlight.busyThreads();
        if (run != null) {
            threads.add(run.thread());
        }
        threads.removeIf(thread -> !ShutdownHook.isInExit(thread));
        waiters.addAll(threads);
    }

    private List<Exchange<R>> waitedFor() {
        List<Exchange<R>> waiting = entries();
        seen.addAll(waiting);
        // An earlier stop may have aborted a request and waited for it already.
        waiting.removeIf(entry -> waiters.stream().anyMatch(entry::runsOn)
                || (inside && inFlight.isInStop(entry))
                || entry.isAbortedFor(ABORT_MARGIN));
        return waiting;
    }

    @Override
    public void close() {
        if (announced) {
            inFlight.stopEnds(caller);
        }
    }
}
