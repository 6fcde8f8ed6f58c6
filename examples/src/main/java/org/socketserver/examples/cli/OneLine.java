package org.socketserver.examples.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.socketserver.api.internal.PlainText;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what can't be done and why in one line on standard error, and gives the exit status 2. */
final class OneLine {
    private static final int CANT_BEGIN = 2;
    private static final int MOST_SUGGESTIONS = 3;
    private static final int FIRST_UNPRIVILEGED = 1_024;
    private static final Pattern NO_PERMISSION =
            Pattern.compile("can't serve on (?:tcp|udp) .*:([0-9]{1,5}): Permission denied");

    private OneLine() {}

    /** For what picocli refuses. */
    static int badArgument(ParameterException failure, String[] args) {
        // An unknown option comes first: what looks wrong besides may be its value, and that may be a secret.
        for (CommandLine command = failure.getCommandLine(); command != null; command = command.getParent()) {
            for (String word : command.getUnmatchedArguments()) {
                if (word.startsWith("-")) {
                    return refused(command, "unknown option " + shown(word) + meant(command, word));
                }
            }
        }
        CommandLine command = failure.getCommandLine();
        return refused(
                command,
                failure instanceof UnmatchedArgumentException unmatched
                        ? superfluous(command, unmatched.getUnmatched().get(0))
                        : inWordsOfTheUser(failure));
    }

    private static int refused(CommandLine command, String message) {
        say(command, message + " (try --help)");
        return CANT_BEGIN;
    }

    /** The name of an option without its value, which begins behind the first letter if there is but one hyphen. */
    private static String shown(String word) {
        return word.replaceFirst("(?s)^(--[A-Za-z0-9-]*|-.?).*", "$1");
    }

    private static String superfluous(CommandLine command, String word) {
        Set<String> commands = command.getSubcommands().keySet();
        return commands.isEmpty()
                ? "unexpected argument '" + word + "'"
                : "there is no command '" + word + "'; there are " + String.join(", ", commands);
    }

    /** Suggests options that share at least half of their letters, counted from both ends. */
    private static String meant(CommandLine command, String word) {
        String name = word.replaceFirst("(?s)=.*", "").replaceFirst("^--?", "--");
        String alike = command.getCommandSpec().options().stream()
                .map(OptionSpec::longestName)
                .filter(option -> alike(option, name) >= 0.5)
                .sorted(Comparator.comparing((String option) -> alike(option, name))
                        .reversed())
                .limit(MOST_SUGGESTIONS)
                .collect(Collectors.joining(", "));
        return alike.isEmpty() ? "" : "; did you mean " + alike + "?";
    }

    /** Returns which part of the longer name the names share at their begin and end; 1 if they are equal. */
    private static double alike(String one, String other) {
        int shared = shared(one.substring(2), other.substring(2))
                + shared(reversed(one.substring(2)), reversed(other.substring(2)));
        int shorter = Math.min(one.length(), other.length()) - 2;
        return Math.min(shared, shorter) / (double) (Math.max(one.length(), other.length()) - 2);
    }

    private static int shared(String one, String other) {
        int differs = Arrays.mismatch(one.toCharArray(), other.toCharArray());
        return differs < 0 ? one.length() : differs;
    }

    private static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    /** Returns the name that the help has for a parameter, instead of its position. */
    private static String inWordsOfTheUser(ParameterException failure) {
        return String.valueOf(failure.getMessage())
                .replaceFirst("positional parameter at index \\S+ \\((\\w+)\\)", "$1");
    }

    /**
     * For what a command throws: the framework's messages say what and why. Anything else is a defect, and keeps its
     * stack.
     *
     * @throws Exception the failure, if it is a defect
     */
    static int failed(Exception failure, CommandLine command, ParseResult result) throws Exception {
        if (failure instanceof IOException
                || failure instanceof IllegalArgumentException
                || failure instanceof UnsupportedOperationException) {
            String message = failure.getMessage();
            say(command, message == null ? failure.toString() : withoutApi(message, command) + hint(message));
            return CANT_BEGIN;
        }
        throw failure;
    }

    /** Writes {@code --dual-stack} for {@code dualStack}, and leaves out what can be done in code only. */
    private static String withoutApi(String message, CommandLine command) {
        String told = message.replaceFirst("; pass a factory instead: .*", "");
        for (OptionSpec option : command.getCommandSpec().options()) {
            String name = option.longestName();
            String inCode = Pattern.compile("-(.)")
                    .matcher(name.substring(2))
                    .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
            if (!name.endsWith(inCode)) {
                told = told.replaceAll("\\b" + inCode + "\\b", name);
            }
        }
        return told;
    }

    private static String hint(String message) {
        Matcher port = NO_PERMISSION.matcher(message);
        return port.matches() && Integer.parseInt(port.group(1)) < FIRST_UNPRIVILEGED
                ? "; ports below " + FIRST_UNPRIVILEGED + " are privileged: take another one, run as root or with"
                        + " CAP_NET_BIND_SERVICE, or lower net.ipv4.ip_unprivileged_port_start"
                : "";
    }

    private static void say(CommandLine command, String message) {
        String line =
                PlainText.of(message.strip().replaceAll(":\\s*\\R\\s*", ": ").replaceAll("\\s*\\R\\s*", "; "));
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + line);
        command.getErr().flush();
    }
}
