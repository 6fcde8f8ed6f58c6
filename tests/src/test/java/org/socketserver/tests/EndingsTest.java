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

/** Whatever becomes of a request, the listener, the counters and the Flight Recorder tell of it once, and the same. */
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
                int count = round.play().size();
                assertEquals(ending.reasons().size(), count, ending::name);
                assertEquals(count, round.events.started().size(), ending::name);
                assertEquals(
                        Map.of(1, count),
                        times(round.events.started(), round.events.stopped()),
                        () -> ending + ": each that was started was stopped, once");
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
                List<RequestEnd> ends = round.play();
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

    /** The reasons of all that ended, as the counters tell them. */
    static List<String> reasonsCounted(ServerStats stats) {
        List<String> reasons = new ArrayList<>();
        stats.ended().forEach((outcome, count) -> {
            if (outcome != RequestOutcome.REFUSED && outcome != RequestOutcome.TIMED_OUT) {
                add(reasons, outcome.toString(), count);
            }
        });
        stats.refused().forEach((why, count) -> add(reasons, "refused: " + why, count));
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
                    round.play();
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
