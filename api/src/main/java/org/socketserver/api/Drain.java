package org.socketserver.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One stop that sees requests to their end; made before the stop is announced, so that it knows all that were live then.
 *
 * <p>Two kinds of request are neither waited for nor cut, only reported as running while they last: those of the calling
 * thread itself, which could never end; and, when the caller is a handler or hook of this server, those that wait in a
 * stop as well, because each would wait for the other.
 *
 * <p>Used by the thread that stops.
 */
final class Drain<R extends Request> implements AutoCloseable {
    /** How often a waiting stop tells requests again that it waits: a connection may have become idle in between. */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long requests that were cut, and an accept loop that a hook holds, get to end. */
    private static final long CUT_MARGIN = TimeUnit.SECONDS.toNanos(1);

    private static final double GOLDEN_RATIO = 0.618033988749895;

    private final LiveRequests<R> live;
    private final Thread caller = Thread.currentThread();
    private final boolean announced;
    private final Set<ActiveRequest<R>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<ActiveRequest<R>> cut = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<LiveRequest> asTheyStood = new ArrayList<>();
    private boolean inside;

    Drain(LiveRequests<R> live) {
        this.live = live;
        announced = live.stopBegins(caller);
        inside = live.runsOn(caller);
        seen.addAll(live.entries());
    }

    /**
     * Waits for all requests to end, cuts those that have not when the time is over, and tells what became of them.
     *
     * @param delayNanos how long to leave them alone before
     * @param spreadNanos over what part of the grace the ends of idle connections are spread
     * @param graceNanos how long to wait
     * @param onLoop true if the caller is the accept loop
     * @param accepting true as long as more requests may come
     */
    ShutdownReport run(long delayNanos, long spreadNanos, long graceNanos, boolean onLoop, BooleanSupplier accepting) {
        inside |= onLoop;
        boolean interrupted = await(isWorthADelay() ? delayNanos : 0, accepting, (entry, waited) -> {})
                || await(
                        graceNanos,
                        accepting,
                        (entry, waited) -> drain(entry, waited, Math.min(spreadNanos, graceNanos)));
        interrupted |= await(CUT_MARGIN, accepting, (entry, waited) -> cut(entry));
        List<ActiveRequest<R>> left = live.entries();
        Set<Long> leftIds = new HashSet<>();
        left.forEach(entry -> leftIds.add(entry.id()));
        seen.addAll(left);
        asTheyStood.removeIf(request -> leftIds.contains(request.id()));
        if (interrupted) {
            caller.interrupt();
        }
        return new ShutdownReport(
                seen.size() - asTheyStood.size() - left.size(), List.copyOf(asTheyStood), LiveRequests.pictures(left));
    }

    /** Nothing could be better after a delay for those that an earlier stop has cut, and that go on even so. */
    private boolean isWorthADelay() {
        List<ActiveRequest<R>> entries = live.entries();
        return entries.isEmpty() || !entries.stream().allMatch(ActiveRequest::isCut);
    }

    /** Waits until there is nothing left to wait for or the time is over; true if the caller was interrupted. */
    private boolean await(long nanos, BooleanSupplier accepting, Treatment<R> treatment) {
        long began = System.nanoTime();
        while (true) {
            // Asked first: what the loop sent on its way before it ended is then among the requests.
            boolean more = accepting.getAsBoolean();
            List<ActiveRequest<R>> waiting = waitedFor();
            long waited = System.nanoTime() - began;
            waiting.forEach(entry -> treatment.apply(entry, waited));
            long left = nanos - waited;
            if (left <= 0 || (waiting.isEmpty() && !more)) {
                return false;
            }
            try {
                live.awaitChange(Math.min(left, ROUND), () -> waitedFor().isEmpty() && !accepting.getAsBoolean());
            } catch (InterruptedException stopWaiting) {
                return true;
            }
        }
    }

    /** Tells a request of the stop when it is its turn. */
    private static void drain(ActiveRequest<?> entry, long waited, long spread) {
        // Multiples of the golden ratio fall evenly into any stretch, however many there are.
        double turn = entry.id() * GOLDEN_RATIO % 1;
        if (waited >= spread * turn) {
            // Contained: the request may be a transport's own, and the others still have to hear of the stop.
            ServerLog.contained("drain", entry.request()::drain);
        }
    }

    private void cut(ActiveRequest<R> entry) {
        if (cut.add(entry)) {
            LiveRequest asItStands = entry.picture();
            if (entry.cut()) {
                asTheyStood.add(asItStands);
            }
        }
    }

    /** What is done, again and again, with each request that is waited for. */
    private interface Treatment<R extends Request> {
        void apply(ActiveRequest<R> entry, long waitedNanos);
    }

    private List<ActiveRequest<R>> waitedFor() {
        List<ActiveRequest<R>> waiting = live.entries();
        seen.addAll(waiting);
        waiting.removeIf(entry -> entry.runsOn(caller) || (inside && live.isInStop(entry)));
        return waiting;
    }

    @Override
    public void close() {
        if (announced) {
            live.stopEnds(caller);
        }
    }
}
