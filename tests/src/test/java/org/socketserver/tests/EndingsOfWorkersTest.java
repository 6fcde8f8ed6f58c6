package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.ServerStats;

/**
 * However a request in a worker ends, the listener, the counters and the Flight Recorder report it exactly once, and in
 * the same way as {@link EndingsTest} requires for this process. Each ending runs once, because it needs a process.
 */
@EachForking
class EndingsOfWorkersTest {
    @Parameter
    Setup setup;

    static Stream<Ending> endings() {
        return Ending.all().stream();
    }

    @ParameterizedTest
    @MethodSource("endings")
    void everyEndingIsReportedOnceByListenerCountersAndRecorder(Ending ending) throws Exception {
        assumeTrue(ending.applies().test(setup), "applies to another transport");
        try (Recorder recorder = Recorder.begin();
                EndingRound round = new EndingRound(ending, setup)) {
            List<RequestEnd> ends = round.run();
            int count = ending.reasons().size();
            assertEquals(count, ends.size());
            assertEquals(count, round.events.started().size());
            assertEquals(Map.of(1, count), EndingsTest.times(round.events.started(), round.events.stopped()));
            ServerStats stats = round.stats();
            assertEquals(count, stats.accepted());
            assertEquals(0, stats.active());
            assertEquals(ends.stream().mapToLong(RequestEnd::bytesIn).sum(), stats.bytesIn());
            assertEquals(ends.stream().mapToLong(RequestEnd::bytesOut).sum(), stats.bytesOut());
            assertEquals(ending.reasons(), EndingsTest.reasonsCounted(stats));
            List<String> recorded = recorder.events("org.socketserver.Request").stream()
                    .filter(event -> round.name.equals(event.getString("server")))
                    .map(event -> event.getString("reason"))
                    .sorted()
                    .toList();
            assertEquals(ending.reasons(), recorded);
        }
    }
}
