package org.socketserver.api.server;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.ShutdownReport;

/**
 * One stop that sees requests to their end; made before the stop is announced, so that it knows all that were live
 * then.
 *
 * <p>Two kinds of request are neither waited for nor cut, only reported as running while they last: those of the
 * calling thread itself, which could never end; and, when the caller is a handler or hook of this server, those that
 * wait in a stop as well, because each would wait for the other. A request
 * that an earlier stop has cut is not waited for again.
 *
 * <p>Used by the thread that stops.
 */
final class Drain<R extends Request> implements AutoCloseable {
    /** How often a waiting stop tells requests again that it waits: a connection may have become idle in between. */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long requests that were cut, and an accept loop that a hook holds, get to end. */
    private static final long ABORT_MARGIN = TimeUnit.SECONDS.toNanos(1);

    private final InFlight<R> inFlight;
    private final LongSupplier lastId;
    private final Thread caller = Thread.currentThread();
    private final boolean announced;
    /** The last request that had begun before the stop. */
    private final long lastBefore;

    private final Set<Exchange<R>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private @Nullable Acceptor<R> run;
    private boolean inside;

    /**
     * Takes down who is inFlight.
     *
     * @param inFlight the requests
     * @param lastId gives the id of the request that was fetched last
     */
    Drain(InFlight<R> inFlight, LongSupplier lastId) {
        this.inFlight = inFlight;
        this.lastId = lastId;
        announced = inFlight.stopBegins(caller);
        inside = inFlight.runsOn(caller);
        lastBefore = lastId.getAsLong();
        seen.addAll(inFlight.entries());
        seen.removeIf(entry -> entry.id() > lastBefore);
    }

    /**
     * Waits for all requests to end, cuts those that have not when the time is over, and tells what became of them.
     *
     * @param stopped the run that was stopped, null if there was none; the requests of a later one are left alone
     * @param delayNanos how long to leave them alone before
     * @param graceNanos how long to wait
     */
    ShutdownReport run(@Nullable Acceptor<R> stopped, long delayNanos, long graceNanos) {
        run = stopped;
        inside |= isOnLoop();
        boolean interrupted =
                await(isWorthADelay() ? delayNanos : 0, entry -> {}) || await(graceNanos, Exchange::drain);
        interrupted |= await(ABORT_MARGIN, Exchange::abort);
        if (interrupted) {
            caller.interrupt();
        }
        return report();
    }

    private ShutdownReport report() {
        // Also one that began and ended unseen was part of this stop: they are counted by their ids.
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
        return run != null && run.isOnCurrentThread();
    }

    /**
     * Returns whether more requests may come; false once a handler that was cut has held the accept loop for the
     * margin.
     */
    private boolean isAccepting() {
        Acceptor<R> current = run;
        return current != null
                && !current.isEnded()
                && !isOnLoop()
                && entries().stream()
                        .noneMatch(entry -> entry.isAbortedFor(ABORT_MARGIN) && entry.runsOn(current.thread()));
    }

    /** The id of the last request of the run. */
    private long last() {
        if (run == null) {
            return lastBefore;
        }
        return run.isEnded() ? run.lastId() : lastId.getAsLong();
    }

    /** The live requests of the run and of those before it. */
    private List<Exchange<R>> entries() {
        List<Exchange<R>> entries = inFlight.entries();
        // Asked afterwards: while the run has not ended, there is no later one that they could be of.
        if (run == null || run.isEnded()) {
            long last = last();
            entries.removeIf(entry -> entry.id() > last);
        }
        return entries;
    }

    /** Nothing could be better after a delay for those that an earlier stop has cut, and that go on even so. */
    private boolean isWorthADelay() {
        List<Exchange<R>> entries = entries();
        return entries.isEmpty() || !entries.stream().allMatch(Exchange::isAborted);
    }

    /** Waits until there is nothing left to wait for or the time is over; true if the caller was interrupted. */
    private boolean await(long nanos, Consumer<Exchange<R>> treatment) {
        long began = System.nanoTime();
        while (true) {
            // Asked first: what the loop sent on its way before it ended is then among the requests.
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

    private List<Exchange<R>> waitedFor() {
        List<Exchange<R>> waiting = entries();
        seen.addAll(waiting);
        // An earlier stop may have cut one, and waited for it already.
        waiting.removeIf(entry ->
                entry.runsOn(caller) || (inside && inFlight.isInStop(entry)) || entry.isAbortedFor(ABORT_MARGIN));
        return waiting;
    }

    @Override
    public void close() {
        if (announced) {
            inFlight.stopEnds(caller);
        }
    }
}
