package org.socketserver.api;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** The numbers behind {@link ServerStats}. Counted by any thread, without waiting. */
final class ServerCounters {
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong active = new AtomicLong();
    private final LongAccumulator peak = new LongAccumulator(Math::max, 0);
    private final Map<RequestOutcome, LongAdder> ended = adders(RequestOutcome.class);
    private final Map<Refusal, LongAdder> refused = adders(Refusal.class);
    private final Map<Deadline, LongAdder> timedOut = adders(Deadline.class);
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder truncated = new LongAdder();
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
        accepted.incrementAndGet();
        peak.accumulate(active.incrementAndGet());
    }

    void ended(RequestEnd end) {
        count(ended, end.outcome());
        end.refusal().ifPresent(why -> count(refused, why));
        end.deadline().ifPresent(which -> count(timedOut, which));
        bytesIn.add(end.bytesIn());
        bytesOut.add(end.bytesOut());
        active.decrementAndGet();
    }

    void truncated() {
        truncated.increment();
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
    ServerStats snapshot(Iterable<? extends Request> live) {
        long in = bytesIn.sum();
        long out = bytesOut.sum();
        for (Request request : live) {
            in += request.bytesIn();
            out += request.bytesOut();
        }
        return new ServerStats(
                accepted.get(),
                active.get(),
                peak.get(),
                sums(ended),
                sums(refused),
                sums(timedOut),
                in,
                out,
                truncated.sum(),
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
