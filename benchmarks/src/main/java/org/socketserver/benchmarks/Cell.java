package org.socketserver.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** The results of one contender in one scenario: a measurement per round, and the reasons of failed rounds. */
final class Cell {
    private final List<Measurement> measurements = new ArrayList<>();
    private final Set<String> failures = new LinkedHashSet<>();

    void add(Measurement measurement) {
        measurements.add(measurement);
    }

    void addFailure(String reason) {
        failures.add(reason);
    }

    List<Measurement> measurements() {
        return List.copyOf(measurements);
    }

    boolean isEmpty() {
        return measurements.isEmpty();
    }

    /** Returns the distinct reasons of failed rounds. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Returns a figure of each round. */
    List<Double> values(ToDoubleFunction<Measurement> figure) {
        return measurements.stream().map(figure::applyAsDouble).toList();
    }

    Spread spread(ToDoubleFunction<Measurement> figure) {
        return Spread.of(values(figure));
    }

    double median() {
        return spread(Measurement::value).median();
    }

    /** Returns the latencies of all rounds together, in ns. */
    Histogram latencies() {
        Histogram all = new Histogram(3);
        measurements.forEach(each -> all.add(each.latencies()));
        return all;
    }
}
