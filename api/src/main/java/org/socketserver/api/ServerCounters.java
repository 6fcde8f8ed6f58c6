package org.socketserver.api;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The numbers behind {@link ServerStats}. Counted by any thread, without waiting; begins by the accept loop alone. */
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

    void ended(ActiveRequest<?> request) {
        RequestOutcome outcome = request.outcome();
        count(ended, outcome);
        if (outcome == RequestOutcome.REFUSED && request.refusal() != null) {
            count(refused, request.refusal());
        }
        if (outcome == RequestOutcome.TIMED_OUT && request.failure() instanceof DeadlineException over) {
            count(timedOut, over.deadline());
        }
        bytesIn.add(request.request().bytesIn());
        bytesOut.add(request.request().bytesOut());
        active.decrementAndGet();
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

    private static <E> void count(Map<E, LongAdder> adders, E key) {
        LongAdder adder = adders.get(key);
        if (adder != null) {
            adder.increment();
        }
    }

    /** Takes the picture; the bytes of live requests are added to those of the ones that have ended. */
    ServerStats snapshot(Iterable<? extends ActiveRequest<?>> live) {
        long in = bytesIn.sum();
        long out = bytesOut.sum();
        for (ActiveRequest<?> entry : live) {
            // A listener that hears of an end sees the request still live, and counted already.
            if (!entry.hasEnded()) {
                in += entry.request().bytesIn();
                out += entry.request().bytesOut();
            }
        }
        long activeNow = active.get();
        return new ServerStats(
                accepted,
                activeNow,
                // The one that has just begun may not be in the peak yet.
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
