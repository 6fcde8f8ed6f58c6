package org.socketserver.api.server;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.socketserver.api.Deadline;
import org.socketserver.api.Refusal;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerStats;

/**
 * The counters behind {@link ServerStats}. Updated by any thread without waiting; {@link #began} is called by the
 * accept loop only.
 */
final class ServerCounters {
    private final AtomicLong active = new AtomicLong();
    private volatile long accepted;
    private volatile long peak;
    private final Map<RequestOutcome, LongAdder> ended = adders(RequestOutcome.class);
    private final Map<Refusal, LongAdder> refused = adders(Refusal.class);
    private final Map<Deadline, LongAdder> timedOut = adders(Deadline.class);
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder truncated = new LongAdder();
    private final LongAdder unanswerable = new LongAdder();
    private final LongAdder acceptFailures = new LongAdder();
    private final LongAdder acceptPauses = new LongAdder();
    private final LongAdder pausedNanos = new LongAdder();
    private final LongAdder stuck = new LongAdder();

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> keys) {
        Map<E, LongAdder> adders = new EnumMap<>(keys);
        for (E key : keys.getEnumConstants()) {
            adders.put(key, new LongAdder());
        }
        return Collections.unmodifiableMap(adders);
    }

    void began() {
        accepted = accepted + 1;
        long now = active.incrementAndGet();
        if (now > peak) {
            peak = now;
        }
    }

    /** Counts a settled request. */
    void ended(RequestEnd end) {
        add(end, 1);
        active.decrementAndGet();
    }

    /**
     * Corrects the count of a request whose result changed after it was settled, because its reply could not be sent or
     * it was aborted.
     */
    void corrected(RequestEnd before, RequestEnd after) {
        add(after, 1);
        add(before, -1);
    }

    private void add(RequestEnd end, int sign) {
        add(ended, end.outcome(), sign);
        if (end.refusal().isPresent()) {
            add(refused, end.refusal().get(), sign);
        }
        if (end.outcome() == RequestOutcome.TIMED_OUT && end.deadline().isPresent()) {
            add(timedOut, end.deadline().get(), sign);
        }
        bytesIn.add(sign * end.bytesIn());
        bytesOut.add(sign * end.bytesOut());
    }

    void truncated() {
        truncated.increment();
    }

    void unanswerable() {
        unanswerable.increment();
    }

    void acceptFailed(Duration pause) {
        acceptFailures.increment();
        if (!pause.isZero()) {
            acceptPauses.increment();
            pausedNanos.add(pause.toNanos());
        }
    }

    void stuck() {
        stuck.increment();
    }

    private static <E> void add(Map<E, LongAdder> adders, E key, int sign) {
        LongAdder adder = adders.get(key);
        if (adder != null) {
            adder.add(sign);
        }
    }

    /** Returns the counters of this moment, with the bytes of the requests in flight that are not settled yet. */
    ServerStats snapshot(Iterable<? extends Exchange<?>> inFlight) {
        long in = bytesIn.sum();
        long out = bytesOut.sum();
        for (Exchange<?> entry : inFlight) {
            if (!entry.isSettled()) {
                in += entry.request().bytesIn();
                out += entry.request().bytesOut();
            }
        }
        long activeNow = active.get();
        return new ServerStats(
                accepted,
                activeNow,
                // A request that has just begun may not be in the peak yet.
                Math.max(peak, activeNow),
                sums(ended),
                sums(refused),
                sums(timedOut),
                in,
                out,
                truncated.sum(),
                unanswerable.sum(),
                acceptFailures.sum(),
                acceptPauses.sum(),
                Duration.ofNanos(pausedNanos.sum()),
                stuck.sum());
    }

    private static <E extends Enum<E>> Map<E, Long> sums(Map<E, LongAdder> adders) {
        Map<E, Long> sums = new EnumMap<>(adders.keySet().iterator().next().getDeclaringClass());
        adders.forEach((key, adder) -> sums.put(key, adder.sum()));
        return Collections.unmodifiableMap(sums);
    }
}
