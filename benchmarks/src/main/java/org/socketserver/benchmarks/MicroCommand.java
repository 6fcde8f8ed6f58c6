package org.socketserver.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** Runs the benchmarks of what is inside with JMH, whose command line it has. */
@Command(
        name = "micro",
        description = "Measures what is inside, without a network: line reading, request dispatch, telling of events."
                + " Takes JMH's arguments, such as -f 1 -wi 3 LineReading; -h is JMH's help, -l lists the benchmarks. Without"
                + " any it takes six minutes.")
final class MicroCommand implements Callable<Integer> {
    @Option(names = "--help", usageHelp = true, description = "Shows this, and ends.")
    private boolean help;

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        org.openjdk.jmh.Main.main(arguments.toArray(String[]::new));
        return 0;
    }
}
