package org.socketserver.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: runs the chosen scenarios, prints progress, and writes the report. */
@Command(
        name = "benchmarks/run",
        description =
                "Measures the servers of this project and others. Each runs in its own process on one core, and the"
                        + " load generator on another. Writes report.md, results.csv and plots. Needs Linux, two cores"
                        + " and a C compiler; Python and Go take part if python3 and go are installed. Takes some"
                        + " hours without options.",
        subcommands = MicroCommand.class,
        exitCodeOnExecutionException = 1,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the report was written; it lists failures with their reasons",
            "1:the report could not be written, or the run was interrupted",
            "2:an invalid argument, or a required tool is missing"
        })
public final class Main implements Callable<Integer> {
    private final String[] args;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help and exits.")
    private boolean help;

    @Option(
            names = "--scenario",
            split = ",",
            paramLabel = "NAME",
            description = "Runs only these scenarios: comma-separated or repeated. Default: all.")
    private List<String> scenarioNames = new ArrayList<>();

    @Option(
            names = "--contender",
            split = ",",
            paramLabel = "NAME",
            description = "Runs only these contenders: comma-separated or repeated. Default: all.")
    private List<String> contenderNames = new ArrayList<>();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often each contender is measured, at least 1. Default: 5; 2 with --quick.")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description =
                    "How long each measurement takes, after a warm-up of 60 %% of that time. Stream scenarios with many"
                            + " long connections are preceded by other connections for the same time as the warm-up."
                            + " Default: 5; 0.5 with --quick.")
    private double seconds;

    @Option(
            names = "--quick",
            description = "Takes less than five minutes: fewer scenarios and contenders, two short rounds."
                    + " The figures are too rough to compare.")
    private boolean quick;

    @Option(names = "--list", description = "Lists scenarios and contenders and exits.")
    private boolean list;

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            description = "Folder for the report, plots and logs. Default: benchmarks/target/results.")
    private @Nullable Path output;

    @Option(
            names = "--jvm-option",
            paramLabel = "OPTION",
            description = "A JVM option for the contenders in Java, such as -XX:+UseSerialGC. Can be repeated.")
    private List<String> jvmOptions = new ArrayList<>();

    @Option(
            names = "--before",
            paramLabel = "FOLDER",
            description =
                    "The checkout of another version of this project, built there by benchmarks/run. Its contenders"
                            + " are named before-..., and the report has the ratio of ours to them, paired by round.")
    private @Nullable Path before;

    private Main(String... args) {
        this.args = args;
    }

    @Override
    public Integer call() throws IOException {
        Path root = Path.of(System.getProperty("benchmarks.root", "."));
        if (rounds < 0 || seconds < 0) {
            throw new ParameterException(commandLine(), "--rounds and --seconds must be positive");
        }
        Toolbox tools;
        Cores cores;
        try {
            tools = Toolbox.prepare(root);
            cores = Cores.firstTwo();
        } catch (IOException missing) {
            throw new ParameterException(commandLine(), String.valueOf(missing.getMessage()), missing);
        }
        Contenders contenders = new Contenders(tools, jvmOptions, before);
        List<Scenario> scenarios = chosen(contenders);
        if (list) {
            list(tools, contenders, System.out);
            return 0;
        }
        try {
            measure(root, tools, cores, contenders, scenarios);
            return 0;
        } catch (InterruptedException ended) {
            System.err.println("benchmarks/run: interrupted; the report contains the finished scenarios");
            return 1;
        }
    }

    private void measure(Path root, Toolbox tools, Cores cores, Contenders contenders, List<Scenario> scenarios)
            throws IOException, InterruptedException {
        int times = rounds > 0 ? rounds : quick ? 2 : 5;
        double time = seconds > 0 ? seconds : quick ? 0.5 : 5;
        Path folder = Files.createDirectories(output != null ? output : root.resolve("benchmarks/target/results"));
        Path logs = Files.createDirectories(folder.resolve("logs"));
        Path sockets = Files.createTempDirectory("benchmarks");
        Thread measuring = Thread.currentThread();
        CountDownLatch done = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> leaveNothing(measuring, done, sockets), "end"));
        Map<String, String> run = new LinkedHashMap<>();
        run.put("date", LocalDateTime.now().truncatedTo(ChronoUnit.MINUTES).toString());
        run.put("command", ("`benchmarks/run " + String.join(" ", args)).strip() + "`");
        run.put("rounds", times + " of " + Figures.written(time) + " s each");
        Map<String, String> machine = Machine.describe(root, tools, cores);
        Runner runner = new Runner(new Trial(tools, cores, sockets, logs, time), contenders, times, System.out);
        try {
            Results results = runner.run(scenarios, sofar -> {
                Files.writeString(
                        folder.resolve("report.md"), MarkdownReport.write(sofar, contenders, time, run, machine));
                Files.writeString(folder.resolve("results.csv"), RawFigures.write(sofar));
            });
            Plots.write(results, folder);
        } finally {
            done.countDown();
        }
        System.out.println("report: " + folder.resolve("report.md"));
    }

    /** Runs at exit, also after Ctrl-C: stops the measurement, kills all child processes, deletes the sockets. */
    private static void leaveNothing(Thread measuring, CountDownLatch done, Path sockets) {
        measuring.interrupt();
        endProcesses();
        try {
            if (!done.await(5, TimeUnit.SECONDS)) {
                System.err.println("benchmarks/run: a trial did not end");
            }
        } catch (InterruptedException never) {
            Thread.currentThread().interrupt();
        }
        endProcesses();
        File[] left = sockets.toFile().listFiles();
        for (File one : left == null ? new File[0] : left) {
            one.delete();
        }
        sockets.toFile().delete();
    }

    private static void endProcesses() {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    }

    private List<Scenario> chosen(Contenders contenders) throws IOException {
        List<Scenario> all = new ArrayList<>();
        for (String name : scenarioNames) {
            all.add(Scenarios.named(name).orElseThrow(() -> unknown("scenario", name)));
        }
        for (String name : contenderNames) {
            if (contenders.named(name).isEmpty()) {
                throw unknown("contender", name);
            }
        }
        if (all.isEmpty()) {
            all.addAll(quick ? Scenarios.quick() : Scenarios.all());
        }
        boolean open = all.stream().anyMatch(each -> each.mode() == Mode.OPEN);
        if (open && all.stream().noneMatch(each -> each.name().equals(Scenarios.CAPACITY))) {
            System.out.println(Scenarios.CAPACITY + " runs as well, because it determines the rate of open loops");
            Scenarios.named(Scenarios.CAPACITY).ifPresent(each -> all.add(0, each));
        }
        long files = Machine.openFiles();
        List<Scenario> taking = all.stream()
                .map(each -> each.within(files))
                .map(each -> before == null ? each : each.with(withBefore(each.contenders())))
                .map(each -> contenderNames.isEmpty()
                        ? each
                        : each.with(each.contenders().stream()
                                .filter(contenderNames::contains)
                                .toList()))
                .filter(each -> !each.contenders().isEmpty())
                .toList();
        if (taking.isEmpty()) {
            throw new ParameterException(
                    commandLine(), "none of the chosen contenders takes part in the chosen scenarios");
        }
        return taking;
    }

    /** Inserts the contender of the other build after each of ours. */
    private static List<String> withBefore(List<String> names) {
        return names.stream()
                .flatMap(name -> name.matches(Contenders.OURS + "(virtual|platform|sync|forking)")
                        ? Stream.of(name, name.replace(Contenders.OURS, Contenders.BEFORE))
                        : Stream.of(name))
                .toList();
    }

    private ParameterException unknown(String what, String name) {
        return new ParameterException(commandLine(), "unknown " + what + " " + name + "; --list shows all");
    }

    private CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec.commandLine();
    }

    private static void list(Toolbox tools, Contenders contenders, PrintStream out) {
        out.println("Scenarios:");
        Scenarios.all()
                .forEach(each -> out.printf(
                        "  %-14s %s%s%n",
                        each.name(), each.about(), unavailable(each.isEncrypted() ? tools.missingTls() : "")));
        out.println("Contenders:");
        contenders
                .all()
                .forEach(each -> out.printf("  %-18s %s%s%n", each.name(), each.about(), unavailable(each.missing())));
    }

    private static String unavailable(String missing) {
        return missing.isEmpty() ? "" : " (not available: " + missing + ")";
    }

    /**
     * Runs the command and exits with its status.
     *
     * @param args the arguments
     */
    public static void main(String... args) {
        CommandLine commandLine = new CommandLine(new Main(args)).setUsageHelpAutoWidth(true);
        commandLine.setParameterExceptionHandler((failure, given) -> {
            commandLine.getErr().println("benchmarks/run: " + failure.getMessage());
            return 2;
        });
        System.exit(commandLine.execute(args));
    }
}
