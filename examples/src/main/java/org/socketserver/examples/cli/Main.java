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
 * The command line. Runs the tour without arguments, otherwise a subcommand.
 *
 * <p>Exit status: 0 for success, 1 if something failed after it had started, 2 if it could not start.
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

    /** Strongly referenced, because a logger that is garbage collected loses its level. */
    private static final Logger LOG = Logger.getLogger("org.socketserver");

    private Main() {}

    @Override
    public Integer call() throws IOException {
        // Each server would log how it passes connections to its workers.
        LOG.setLevel(Level.WARNING);
        return new Tour(System.out).run(Transport.values()) ? 0 : 1;
    }

    /** Returns the command line with all subcommands. Its error messages are one line. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .registerConverter(Duration.class, TextValues::duration)
                .registerConverter(Transport.class, text -> (Transport) TextValues.constant(Transport.values(), text))
                .registerConverter(Demo.class, text -> (Demo) TextValues.constant(Demo.values(), text))
                .setUsageHelpAutoWidth(true)
                // @NAME is the abstract name of a Unix socket, not a file of arguments.
                .setExpandAtFiles(false)
                .setParameterExceptionHandler(Main::badArgument)
                .setExecutionExceptionHandler(Main::failed);
    }

    /** Runs a command and exits with its status. */
    public static void main(String... args) {
        if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
            // One line per record, followed by the stack trace of an exception.
            System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tT.%1$tL %4$s %3$s: %5$s%6$s%n");
        }
        System.exit(commandLine().setExecutionStrategy(Main::run).execute(args));
    }

    /** Runs a command. Servers never block on their output. */
    private static int run(ParseResult parsed) {
        ParseResult last = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
        Object command = last.commandSpec().userObject();
        boolean serves = command instanceof ServeCommand || command instanceof DemoCommand;
        if (serves && !last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
            AsyncOutput.install();
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** Returns the versions of the jar and of Java. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version =
                    Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "(not from a jar)");
            return new String[] {"socketserver for Java " + version + ", Java " + Runtime.version()};
        }
    }

    /** Prints a parse error of picocli as one line on standard error. */
    static int badArgument(ParameterException failure, String[] args) {
        // Report an unknown option first: another invalid argument may be its value, which may be a secret.
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
                    : "unknown command '" + word + "'; the commands are " + String.join(", ", commands);
        } else {
            // Name a parameter as in the help, instead of by its position.
            message = String.valueOf(failure.getMessage())
                    .replaceFirst("positional parameter at index \\S+ \\((\\w+)\\)", "$1");
        }
        return say(command, message + " (try --help)");
    }

    /** Describes an unknown option without its value. After a single hyphen, the name is one letter. */
    private static String unknown(CommandLine command, String word) {
        List<String> alike = new UnmatchedArgumentException(command, List.of(word)).getSuggestions();
        return "unknown option " + word.replaceFirst("(?s)^(--[A-Za-z0-9-]*|-.?).*", "$1")
                + (alike.isEmpty() ? "" : "; did you mean " + String.join(", ", alike) + "?");
    }

    /** Prints the message of an expected exception as one line; rethrows other exceptions. */
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

    /** Replaces {@code dualStack} by {@code --dual-stack} and the like, and removes advice for code. */
    private static String withoutApi(String message, CommandLine command) {
        String text = message.replaceFirst("; pass a factory instead: .*", "");
        for (OptionSpec option : command.getCommandSpec().options()) {
            String name = option.longestName();
            String inCode = Pattern.compile("-(.)")
                    .matcher(name.substring(2))
                    .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
            if (!name.endsWith(inCode)) {
                text = text.replaceAll("\\b" + inCode + "\\b", name);
            }
        }
        return text;
    }

    private static String hint(String message) {
        Matcher port = NO_PERMISSION.matcher(message);
        return port.matches() && Integer.parseInt(port.group(1)) < 1_024
                ? "; ports below 1024 are privileged: use another port, run as root or with CAP_NET_BIND_SERVICE, or"
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
