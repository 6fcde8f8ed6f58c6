package org.socketserver.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** Runs the JMH benchmarks; passes all arguments to JMH. */
@Command(
        name = "micro",
        description = "Measures parts of the framework without a network: reading lines, dispatching requests,"
                + " reporting events. Takes JMH's arguments, such as -f 1 -wi 3 LineReading; -h is JMH's help, and -l"
                + " lists the benchmarks. Takes six minutes without arguments.")
final class MicroCommand implements Callable<Integer> {
    @Option(names = "--help", usageHelp = true, description = "Shows this help and exits.")
    private boolean help;

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        org.openjdk.jmh.Main.main(arguments.toArray(String[]::new));
        return 0;
    }
}
