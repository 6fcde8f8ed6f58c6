package org.socketserver.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Runs all trials, scenario by scenario. Within a scenario, the contenders alternate, so that a temporary slowdown of
 * the machine affects all of them. Each round begins with another contender. A failed trial is recorded, and the run
 * continues.
 */
final class Runner {
    /** Called after each scenario, so that an interrupted run has a report. */
    interface Listener {
        void scenarioDone(Results results) throws IOException;
    }

    private final Trial trial;
    private final Contenders contenders;
    private final int rounds;
    private final PrintStream progress;
    private final Results results = new Results();
    private final long began = System.nanoTime();
    private int done;
    private int planned;

    Runner(Trial trial, Contenders contenders, int rounds, PrintStream progress) {
        this.trial = trial;
        this.contenders = contenders;
        this.rounds = rounds;
        this.progress = progress;
    }

    /**
     * Runs scenarios.
     *
     * @throws IOException if the listener fails
     */
    Results run(List<Scenario> scenarios, Listener listener) throws IOException, InterruptedException {
        planned = scenarios.stream()
                .mapToInt(scenario -> here(scenario).size() * rounds)
                .sum();
        for (Scenario scenario : scenarios) {
            run(scenario);
            listener.scenarioDone(results);
        }
        return results;
    }

    private void run(Scenario scenario) throws InterruptedException {
        for (String name : scenario.contenders()) {
            Cell cell = results.cell(scenario, name);
            String missing = contenders
                    .named(name)
                    .map(one -> contenders.missing(scenario, one))
                    .orElse("");
            if (!missing.isEmpty()) {
                cell.addFailure("not available: " + missing);
                progress.println(scenario.name() + ": " + name + " is not available: " + missing);
            }
        }
        List<Contender> turn = here(scenario);
        for (int round = 1; round <= rounds; round++) {
            for (int index = 0; index < turn.size(); index++) {
                Contender contender = turn.get((index + round - 1) % turn.size());
                String outcome = run(scenario, contender);
                done++;
                progress.println(String.format(
                        Locale.ROOT,
                        "[%d/%d, %s left] %s, round %d: %s: %s",
                        done,
                        planned,
                        left(),
                        scenario.name(),
                        round,
                        contender.name(),
                        outcome));
            }
        }
    }

    private List<Contender> here(Scenario scenario) {
        List<Contender> here = new ArrayList<>();
        scenario.contenders()
                .forEach(name -> contenders
                        .named(name)
                        .filter(one -> contenders.missing(scenario, one).isEmpty())
                        .ifPresent(here::add));
        return here;
    }

    /** Measures once and returns a text about the outcome. */
    private String run(Scenario scenario, Contender contender) throws InterruptedException {
        Cell cell = results.cell(scenario, contender.name());
        double rate = 0;
        if (scenario.mode() == Mode.OPEN) {
            OptionalDouble capacity = results.best(Scenarios.CAPACITY);
            if (capacity.isEmpty()) {
                cell.addFailure("failed: " + Scenarios.CAPACITY + ", which determines the rate, has no result");
                return "no rate";
            }
            rate = capacity.getAsDouble() * scenario.share() / 100;
        }
        try {
            Measurement measurement = trial.run(scenario, contender, rate);
            cell.add(measurement);
            return Figures.written(measurement.value()) + " " + scenario.mode().unit
                    + (measurement.isGeneratorSaturated() ? ", the generator is saturated" : "");
        } catch (IOException failed) {
            String reason = String.valueOf(failed.getMessage());
            cell.addFailure("failed: " + reason);
            return "failed: " + reason;
        }
    }

    private String left() {
        Duration left = Duration.ofNanos((System.nanoTime() - began) / done * (planned - done));
        return left.toMinutes() > 0 ? left.toMinutes() + " min" : left.toSeconds() + " s";
    }
}
