package org.socketserver.examples.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.socketserver.api.internal.PlainText;
import org.socketserver.examples.cli.DemoCommand.Demo;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Alone it gives the tour; the rest is in the subcommands.
 *
 * <p>Exit status: 0 when all went well, 1 when what was begun did not end well, 2 when it could not begin.
 */
@Command(
        name = "examples/run",
        resourceBundle = "org.socketserver.examples.cli.main",
        subcommands = {
            ServeCommand.class,
            TalkCommand.class,
            DemoCommand.class,
            CommandLine.HelpCommand.class,
            GenerateCompletion.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        exitCodeOnExecutionException = 70)
public final class Main implements Callable<Integer> {
    private static final Pattern NO_PERMISSION =
            Pattern.compile("can't serve on (?:tcp|udp) .*:([0-9]{1,5}): Permission denied");

    /** Kept, or its level would be forgotten. */
    private static final Logger LOG = Logger.getLogger("org.socketserver");

    private Main() {}

    @Override
    public Integer call() throws IOException {
        // How connections are handed over is no news after the first of them.
        LOG.setLevel(Level.WARNING);
        return new Tour(System.out).run(Transport.values()) ? 0 : 1;
    }

    /** Returns the whole command line, with messages of one line. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .registerConverter(Duration.class, TextValues::duration)
                .registerConverter(Transport.class, text -> (Transport) TextValues.constant(Transport.values(), text))
                .registerConverter(Demo.class, text -> (Demo) TextValues.constant(Demo.values(), text))
                .setUsageHelpAutoWidth(true)
                // @NAME is an abstract name, not a file with arguments.
                .setExpandAtFiles(false)
                .setParameterExceptionHandler(Main::badArgument)
                .setExecutionExceptionHandler(Main::failed);
    }

    /** Runs a command and ends the process with its exit status. */
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
            AsyncOutput.install();
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** Returns the version of the jar, and of the Java that runs it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version =
                    Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "(not from a jar)");
            return new String[] {"socketserver for Java " + version + ", Java " + Runtime.version()};
        }
    }

    /** Says what picocli refuses and why, in one line on standard error. */
    static int badArgument(ParameterException failure, String[] args) {
        // An unknown option comes first: what looks wrong besides may be its value, and that may be a secret.
        for (CommandLine command = failure.getCommandLine(); command != null; command = command.getParent()) {
            for (String word : command.getUnmatchedArguments()) {
                if (word.startsWith("-")) {
                    return say(command, unknown(command, word) + " (try --help)");
                }
            }
        }
        CommandLine command = failure.getCommandLine();
        Set<String> commands = command.getSubcommands().keySet();
        String message;
        if (failure instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().get(0);
            message = commands.isEmpty()
                    ? "unexpected argument '" + word + "'"
                    : "there is no command '" + word + "'; there are " + String.join(", ", commands);
        } else {
            // By the name that the help has for a parameter, instead of its position.
            message = String.valueOf(failure.getMessage())
                    .replaceFirst("positional parameter at index \\S+ \\((\\w+)\\)", "$1");
        }
        return say(command, message + " (try --help)");
    }

    /** Names an option without its value, which begins behind the first letter if there is but one hyphen. */
    private static String unknown(CommandLine command, String word) {
        List<String> alike = new UnmatchedArgumentException(command, List.of(word)).getSuggestions();
        return "unknown option " + word.replaceFirst("(?s)^(--[A-Za-z0-9-]*|-.?).*", "$1")
                + (alike.isEmpty() ? "" : "; did you mean " + String.join(", ", alike) + "?");
    }

    /** For what a command throws: the framework's messages say what and why. A defect is thrown on, with its stack. */
    static int failed(Exception failure, CommandLine command, ParseResult result) throws Exception {
        if (failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof IllegalArgumentException
                || failure instanceof UnsupportedOperationException) {
            String message = failure.getMessage();
            return say(command, message == null ? failure.toString() : withoutApi(message, command) + hint(message));
        }
        throw failure;
    }

    /** Writes {@code --dual-stack} for {@code dualStack}, and leaves out what can be done in code only. */
    private static String withoutApi(String message, CommandLine command) {
        String said = message.replaceFirst("; pass a factory instead: .*", "");
        for (OptionSpec option : command.getCommandSpec().options()) {
            String name = option.longestName();
            String inCode = Pattern.compile("-(.)")
                    .matcher(name.substring(2))
                    .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
            if (!name.endsWith(inCode)) {
                said = said.replaceAll("\\b" + inCode + "\\b", name);
            }
        }
        return said;
    }

    private static String hint(String message) {
        Matcher port = NO_PERMISSION.matcher(message);
        return port.matches() && Integer.parseInt(port.group(1)) < 1_024
                ? "; ports below 1024 are privileged: take another one, run as root or with CAP_NET_BIND_SERVICE, or"
                        + " lower net.ipv4.ip_unprivileged_port_start"
                : "";
    }

    private static int say(CommandLine command, String message) {
        String line =
                PlainText.of(message.strip().replaceAll(":\\s*\\R\\s*", ": ").replaceAll("\\s*\\R\\s*", "; "));
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + line);
        command.getErr().flush();
        return 2;
    }
}
