package org.socketserver.examples.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.socketserver.examples.servers.Transport;
import org.socketserver.examples.tour.Tour;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/**
 * The command line. Alone it gives the tour; the rest is in the subcommands.
 *
 * <p>Exit status: 0 when all went well, 1 when what was begun did not end well, 2 when it could not begin.
 */
@Command(
        name = "examples/run",
        description = {
            "Servers on TCP, UDP and Unix sockets, after Python's socketserver.",
            "Without a command: the tour, which starts a server on every transport under every mix-in, "
                    + "talks to each, and shows how long that took."
        },
        subcommands = {
            ServeCommand.class,
            TalkCommand.class,
            DemoCommand.class,
            CommandLine.HelpCommand.class,
            GenerateCompletion.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnExecutionException = 70,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all went well",
            "1:a server of the tour failed; for the commands see their help",
            "2:a bad argument, or an address that can't be had"
        })
public final class Main implements Callable<Integer> {
    /** Kept, or its level would be forgotten. */
    private static final Logger LOG = Logger.getLogger("org.socketserver");

    private Main() {}

    @Override
    public Integer call() throws IOException {
        // How connections are handed over is no news after the first of them.
        LOG.setLevel(Level.WARNING);
        return new Tour(System.out).run(Transport.values()) ? 0 : 1;
    }

    /**
     * Makes the whole command line.
     *
     * @return the command line, with messages of one line
     */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setUsageHelpAutoWidth(true)
                // @NAME is an abstract name, not a file with arguments.
                .setExpandAtFiles(false)
                .setParameterExceptionHandler(OneLine::badArgument)
                .setExecutionExceptionHandler(OneLine::failed);
    }

    /**
     * Runs a command and ends the process with its exit status.
     *
     * @param args the command
     */
    public static void main(String... args) {
        if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
            // One line an event, on standard error; an exception's stack below it.
            System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tT.%1$tL %4$s %3$s: %5$s%6$s%n");
        }
        System.exit(commandLine().setExecutionStrategy(Main::run).execute(args));
    }

    /** Runs a command. One that serves must never wait for a reader of its output. */
    private static int run(ParseResult parsed) {
        ParseResult last = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
        Object command = last.commandSpec().userObject();
        boolean serves = command instanceof ServeCommand || command instanceof DemoCommand;
        if (serves && !last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
            AsyncLogHandler.install(AsyncOutput.install());
        }
        return new CommandLine.RunLast().execute(parsed);
    }
}
