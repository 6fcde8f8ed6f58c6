package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsTest {
    private static final Scenario ECHO = Scenarios.named("echo64-64").orElseThrow();

    private final Results results = new Results();

    private void measured(String contender, double... figures) {
        Arrays.stream(figures).forEach(figure -> results.cell(ECHO, contender).add(Measurement.ofFigure(figure, 50)));
    }

    private static Target target(double bound, boolean moreIsBetter) {
        return new Target("echo64-64", "ours-virtual", List.of("go", "c-epoll"), false, moreIsBetter, bound);
    }

    @Test
    void theCapacityIsTheBestMedian() {
        assertTrue(results.best("echo64-64").isEmpty());
        measured("ours-virtual", 10, 30, 20);
        measured("c-epoll", 24, 25, 100);
        assertEquals(25, results.best("echo64-64").orElseThrow());
    }

    @Test
    void aTargetComparesWithTheBestOfThoseThatWereMeasured() {
        measured("ours-virtual", 20);
        assertTrue(target(1, true).outcome(results).isEmpty());
        measured("c-epoll", 40);
        Target.Outcome outcome = target(0.5, true).outcome(results).orElseThrow();
        assertEquals(new Target.Outcome(0.5, "c-epoll", true), outcome);
        measured("go", 80);
        outcome = target(0.5, true).outcome(results).orElseThrow();
        assertEquals(new Target.Outcome(0.25, "go", false), outcome);
    }

    @Test
    void whereLessIsBetterTheBestIsTheLeast() {
        measured("ours-virtual", 20);
        measured("c-epoll", 10);
        measured("go", 16);
        assertEquals(
                new Target.Outcome(2, "c-epoll", false),
                target(1.9, false).outcome(results).orElseThrow());
        assertTrue(target(2.1, false).outcome(results).orElseThrow().reached());
    }

    @Test
    void allTargetsAndScenariosNameWhatThereIs() {
        for (Target target : Target.all()) {
            List<String> contenders =
                    Scenarios.named(target.scenario()).orElseThrow().contenders();
            assertTrue(contenders.contains(target.ours()), target.toString());
            assertTrue(contenders.containsAll(target.others()), target.toString());
        }
        for (Scenario quick : Scenarios.quick()) {
            assertFalse(quick.contenders().isEmpty(), quick.name());
        }
    }

    @Test
    void whereFewFilesMayBeOpenThereAreFewerConnectionsAndItIsSaid() {
        Scenario idle = Scenarios.named("idle-15000").orElseThrow();
        assertEquals(idle, idle.within(20_000));
        Scenario fewer = idle.within(1_024);
        assertEquals(824, fewer.connections());
        assertTrue(fewer.about().contains("1024 files"), fewer.about());
    }

    @Test
    void singleMeasurementsAreWrittenOneALine() {
        measured("ours-virtual", 20, 30);
        String[] lines = RawFigures.write(results).split("\n");
        assertEquals(3, lines.length);
        assertTrue(lines[2].startsWith("echo64-64,ours-virtual,2,30.000,requests/s,"), lines[2]);
        assertEquals(lines[0].split(",").length, lines[2].split(",").length);
    }

    @Test
    void processorTimeIsReadWhateverTheProgramIsCalled() {
        String stat = "17 (a (b) c) S 1 17 17 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 5 6 7";
        assertEquals(127, ProcessTree.ticks(stat));
    }

    @Test
    void listsOfCoresHaveRangesAndSingleOnes() {
        assertEquals(List.of(0, 1, 2, 8), Cores.numbers("0-2,8"));
        assertEquals(List.of(4), Cores.numbers("4"));
    }
}
