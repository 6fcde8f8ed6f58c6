package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerStats;

/**
 * However a request ends, the listener, the counters and the Flight Recorder report it exactly once, and consistently.
 */
@EachSetup
class EndingsTest {
    @Parameter
    Setup setup;

    private List<Ending> endings() {
        return Ending.all().stream()
                .filter(ending -> ending.applies().test(setup))
                .toList();
    }

    @Test
    void exactlyOneStartAndOneStopForEachRequestOnEveryExitPath() throws Exception {
        for (Ending ending : endings()) {
            try (EndingRound round = new EndingRound(ending, setup)) {
                int count = round.run().size();
                assertEquals(ending.reasons().size(), count, ending::name);
                assertEquals(count, round.events.started().size(), ending::name);
                assertEquals(
                        Map.of(1, count),
                        times(round.events.started(), round.events.stopped()),
                        () -> ending + ": each started request stops exactly once");
            }
        }
    }

    static Map<Integer, Integer> times(List<?> started, List<?> stopped) {
        Map<Integer, Integer> times = new HashMap<>();
        for (Object one : started) {
            int stops = (int) stopped.stream().filter(other -> other == one).count();
            times.merge(stops, 1, Integer::sum);
        }
        return times;
    }

    @Test
    void everyExitPathIsCountedOnceAndByItsReason() throws Exception {
        for (Ending ending : endings()) {
            try (EndingRound round = new EndingRound(ending, setup)) {
                List<RequestEnd> ends = round.run();
                ServerStats stats = round.stats();
                assertEquals(ends.size(), stats.accepted(), ending::name);
                assertEquals(0, stats.active(), ending::name);
                assertTrue(stats.peak() >= 1 && stats.peak() <= ends.size(), ending::name);
                assertEquals(ends.stream().mapToLong(RequestEnd::bytesIn).sum(), stats.bytesIn(), ending::name);
                assertEquals(ends.stream().mapToLong(RequestEnd::bytesOut).sum(), stats.bytesOut(), ending::name);
                assertEquals(ending.reasons(), reasonsCounted(stats), ending::name);
            }
        }
    }

    /** Returns the reasons of all ended requests according to the counters. */
    static List<String> reasonsCounted(ServerStats stats) {
        List<String> reasons = new ArrayList<>();
        stats.ended().forEach((outcome, count) -> {
            if (outcome != RequestOutcome.REJECTED && outcome != RequestOutcome.TIMED_OUT) {
                add(reasons, outcome.toString(), count);
            }
        });
        stats.rejected().forEach((why, count) -> add(reasons, "rejected: " + why, count));
        stats.timedOut().forEach((which, count) -> add(reasons, "timed out: " + which, count));
        assertEquals(stats.ended().values().stream().mapToLong(Long::longValue).sum(), reasons.size());
        return reasons.stream().sorted().toList();
    }

    private static void add(List<String> reasons, String reason, long count) {
        for (long i = 0; i < count; i++) {
            reasons.add(reason);
        }
    }

    @Test
    void exactlyOneRequestEventForEachRequestOnEveryExitPath() throws Exception {
        Map<String, List<String>> expected = new HashMap<>();
        Map<String, List<String>> recorded = new HashMap<>();
        try (Recorder recorder = Recorder.begin()) {
            for (Ending ending : endings()) {
                try (EndingRound round = new EndingRound(ending, setup)) {
                    round.run();
                    expected.put(round.name, ending.reasons());
                }
            }
            for (RecordedEvent event : recorder.events("org.socketserver.Request")) {
                recorded.computeIfAbsent(event.getString("server"), name -> new ArrayList<>())
                        .add(event.getString("reason"));
            }
        }
        recorded.values().forEach(reasons -> reasons.sort(null));
        assertEquals(expected, recorded);
    }
}
