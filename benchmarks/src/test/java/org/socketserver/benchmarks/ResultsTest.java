package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

    /** Each contender was measured once, so the paired ratio is the ratio. */
    private static Target.Outcome outcome(double ratio, String other, boolean reached) {
        return new Target.Outcome(ratio, PairedRatio.of(List.of(ratio), List.of(1.0)), other, reached);
    }

    @Test
    void theCapacityIsTheHighestMedian() {
        assertTrue(results.best("echo64-64").isEmpty());
        measured("ours-virtual", 10, 30, 20);
        measured("c-epoll", 24, 25, 100);
        assertEquals(25, results.best("echo64-64").orElseThrow());
    }

    @Test
    void aTargetComparesWithTheBestMeasuredContender() {
        measured("ours-virtual", 20);
        assertTrue(target(1, true).outcome(results).isEmpty());
        measured("c-epoll", 40);
        Target.Outcome outcome = target(0.5, true).outcome(results).orElseThrow();
        assertEquals(outcome(0.5, "c-epoll", true), outcome);
        measured("go", 80);
        outcome = target(0.5, true).outcome(results).orElseThrow();
        assertEquals(outcome(0.25, "go", false), outcome);
    }

    @Test
    void theLowestFigureIsTheBestWhereLowerIsBetter() {
        measured("ours-virtual", 20);
        measured("c-epoll", 10);
        measured("go", 16);
        assertEquals(
                outcome(2, "c-epoll", false),
                target(1.9, false).outcome(results).orElseThrow());
        assertTrue(target(2.1, false).outcome(results).orElseThrow().reached());
    }

    @Test
    void eachMeasurementIsWrittenOnALine() {
        measured("ours-virtual", 20, 30);
        String[] lines = RawFigures.write(results).split("\n");
        assertEquals(3, lines.length);
        assertTrue(lines[2].startsWith("echo64-64,ours-virtual,2,30.000,requests/s,"), lines[2]);
        assertEquals(lines[0].split(",").length, lines[2].split(",").length);
    }
}
