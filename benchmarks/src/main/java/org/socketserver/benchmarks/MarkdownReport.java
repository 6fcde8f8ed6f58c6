package org.socketserver.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes results as Markdown: the targets, a table per scenario, the machine and the commands. */
final class MarkdownReport {
    private static final String SATURATED = "†";
    private static final String TOO_SLOW = "‡";

    private final Results results;
    private final Contenders contenders;
    private final double seconds;
    private final StringBuilder text = new StringBuilder();

    private MarkdownReport(Results results, Contenders contenders, double seconds) {
        this.results = results;
        this.contenders = contenders;
        this.seconds = seconds;
    }

    /**
     * Returns the whole report.
     *
     * @param seconds length of each measurement
     * @param run date, command and rounds
     * @param machine facts about the machine
     */
    static String write(
            Results results,
            Contenders contenders,
            double seconds,
            Map<String, String> run,
            Map<String, String> machine) {
        MarkdownReport report = new MarkdownReport(results, contenders, seconds);
        report.text.append("# Benchmarks\n\n");
        report.facts(run);
        report.targets();
        report.before();
        results.scenarios().forEach(report::scenario);
        report.explain();
        report.text.append("\n## Machine and versions\n\n");
        report.facts(machine);
        report.commands();
        return report.text.toString();
    }

    private void facts(Map<String, String> facts) {
        facts.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
    }

    private void targets() {
        Table table =
                new Table("target", "ours", "against", "bound", "ratio", "reached", "paired by round", "95 % interval");
        for (Target target : Target.all()) {
            Optional<Target.Outcome> outcome = target.outcome(results);
            table.row(
                    target.scenario() + (target.p999() ? ", p99.9" : ""),
                    target.ours(),
                    outcome.map(Target.Outcome::other).orElse(String.join(", ", target.others())),
                    (target.moreIsBetter() ? "≥ " : "≤ ") + Figures.ratio(target.bound()),
                    outcome.map(found -> Figures.ratio(found.ratio())).orElse("-"),
                    outcome.map(found -> found.reached() ? "yes" : "**no**").orElse("not measured"),
                    outcome.map(found -> Figures.exact(found.paired().mean())).orElse("-"),
                    outcome.map(found -> interval(found.paired())).orElse("-"));
        }
        text.append("\n## Targets\n\n").append(table);
    }

    /** Compares this build with the other one, if it took part. */
    private void before() {
        Table table = new Table("scenario", "contender", "rounds", "ratio to the other build", "95 % interval");
        boolean any = false;
        for (Scenario scenario : results.scenarios()) {
            for (String name : results.contenders(scenario)) {
                Optional<Cell> ours = results.find(scenario.name(), name);
                Optional<Cell> other = results.find(scenario.name(), name.replace(Contenders.OURS, Contenders.BEFORE));
                if (name.startsWith(Contenders.OURS) && ours.isPresent() && other.isPresent()) {
                    PairedRatio ratio = PairedRatio.of(
                            ours.get().values(Measurement::value), other.get().values(Measurement::value));
                    table.row(
                            scenario.name(),
                            name,
                            String.valueOf(ratio.rounds()),
                            Figures.exact(ratio.mean()),
                            interval(ratio));
                    any = true;
                }
            }
        }
        if (any) {
            text.append("\n## Against the other build\n\n").append(table);
        }
    }

    private static String interval(PairedRatio ratio) {
        return Figures.exact(ratio.low()) + " - " + Figures.exact(ratio.high());
    }

    private void scenario(Scenario scenario) {
        text.append("\n## ")
                .append(scenario.name())
                .append("\n\n")
                .append(about(scenario))
                .append("\n\n");
        String reference = scenario.contenders().get(0);
        double compared =
                results.find(scenario.name(), reference).map(Cell::median).orElse(Double.NaN);
        boolean latencies = scenario.mode().hasLatencies();
        Table table = latencies
                ? new Table(
                        "contender",
                        scenario.mode().unit,
                        "least - most",
                        "to " + reference,
                        "p50 us",
                        "p99 us",
                        "p99.9 us",
                        "processor us/request",
                        "resident MB",
                        "lost")
                : new Table("contender", scenario.mode().unit, "least - most", "to " + reference, "resident MB");
        for (String name : results.contenders(scenario)) {
            results.find(scenario.name(), name)
                    .ifPresent(cell -> table.row(latencies ? full(name, cell, compared) : brief(name, cell, compared)));
        }
        text.append(table);
        failures(scenario);
    }

    private static String about(Scenario scenario) {
        String about = Character.toUpperCase(scenario.about().charAt(0))
                + scenario.about().substring(1);
        return about + (scenario.mode().moreIsBetter ? "." : "; lower is better.");
    }

    private static String[] brief(String name, Cell cell, double compared) {
        Spread spread = cell.spread(Measurement::value);
        return new String[] {
            name,
            Figures.written(spread.median()),
            Figures.written(spread.least()) + " - " + Figures.written(spread.most()),
            Figures.ratio(spread.median() / compared),
            middle(cell.spread(Measurement::residentMegabytes))
        };
    }

    private static String[] full(String name, Cell cell, double compared) {
        Spread spread = cell.spread(Measurement::value);
        String marks = (cell.measurements().stream().anyMatch(Measurement::isGeneratorSaturated) ? SATURATED : "")
                + (cell.measurements().stream().anyMatch(Measurement::missesRate) ? TOO_SLOW : "");
        return new String[] {
            name,
            Figures.written(spread.median()) + marks,
            Figures.written(spread.least()) + " - " + Figures.written(spread.most()),
            Figures.ratio(spread.median() / compared),
            middle(cell.spread(each -> each.micros(50))),
            middle(cell.spread(each -> each.micros(99))),
            middle(cell.spread(each -> each.micros(99.9))),
            middle(cell.spread(Measurement::processorMicros)),
            middle(cell.spread(Measurement::residentMegabytes)),
            Long.toString(
                    cell.measurements().stream().mapToLong(Measurement::lost).sum())
        };
    }

    private static String middle(Spread spread) {
        return Figures.written(spread.median());
    }

    private void failures(Scenario scenario) {
        StringBuilder list = new StringBuilder();
        for (String name : results.contenders(scenario)) {
            for (String reason : results.cell(scenario, name).failures()) {
                list.append("- ")
                        .append(name)
                        .append(" ")
                        .append(reason.strip())
                        .append('\n');
            }
        }
        if (!list.isEmpty()) {
            text.append('\n').append(list);
        }
    }

    /** Lists each contender's command in its first scenario; others differ in transport, handler and buffer. */
    private void commands() {
        text.append("\n## Commands\n\n");
        for (Contender contender : contenders.all()) {
            results.scenarios().stream()
                    .filter(each -> results.find(each.name(), contender.name()).isPresent())
                    .findFirst()
                    .ifPresent(each -> command(
                            each.name() + ", " + contender.name(),
                            contender.command().apply(each, Path.of("SOCKET"))));
        }
        for (Scenario scenario : results.scenarios()) {
            if (scenario.otherConnections() > 0) {
                command(
                        scenario.name() + ", preceding load",
                        Load.arguments(
                                scenario,
                                Mode.CLOSED,
                                "ADDRESS",
                                scenario.otherConnections(),
                                0,
                                0,
                                scenario.warmup(seconds)));
            }
            if (scenario.mode().hasLatencies()) {
                command(
                        scenario.name() + ", load",
                        Load.arguments(
                                scenario,
                                scenario.mode(),
                                "ADDRESS",
                                scenario.connections(),
                                results.asked(scenario).orElse(0),
                                scenario.warmup(seconds),
                                seconds));
            }
        }
    }

    private void command(String what, List<String> command) {
        text.append("- ")
                .append(what)
                .append(": `")
                .append(String.join(" ", command).strip())
                .append("`\n");
    }

    private void explain() {
        text.append("\n## How to read this\n\n");
        List.of(
                        "All figures are medians of the rounds; *least - most* is the range of the rounds.",
                        "Echo and open-loop scenarios over streams with many connections are preceded by other"
                                + " connections for the same time as the warm-up. If a JVM still interprets code when"
                                + " a connection begins, interpreted frames stay on the stack of that connection's"
                                + " thread.",
                        "Latencies of open loops are measured from the time at which the request was due. If each"
                                + " request has a new connection, they are measured from connect to the end of input.",
                        "*processor us/request* and *resident MB* include the server's child processes; shared memory"
                                + " counts once per process.",
                        SATURATED
                                + " the load generator was busy for more than 90 % of the time: the server may be"
                                + " faster.",
                        TOO_SLOW + " the server did not keep up with the requested rate.")
                .forEach(line -> text.append("- ").append(line).append('\n'));
        Table table = new Table("contender", "what it is");
        contenders.all().forEach(each -> table.row(each.name(), each.about()));
        text.append('\n').append(table);
    }
}
