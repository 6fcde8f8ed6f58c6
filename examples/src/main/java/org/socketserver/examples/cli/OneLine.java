package org.socketserver.examples.cli;

import java.io.IOException;
import org.socketserver.api.log.PlainText;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says what can't be done and why in one line on standard error, and gives the exit status 2. */
final class OneLine {
    private static final int CANT_BEGIN = 2;

    private OneLine() {}

    /** For what picocli refuses. */
    static int badArgument(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        say(command, failure.getMessage() + " (try --help)");
        return CANT_BEGIN;
    }

    /**
     * For what a command throws: the framework's messages say what and why. Anything else is a defect, and keeps its stack.
     *
     * @throws Exception the failure, if it is a defect
     */
    static int failed(Exception failure, CommandLine command, ParseResult result) throws Exception {
        if (failure instanceof IOException
                || failure instanceof IllegalArgumentException
                || failure instanceof UnsupportedOperationException) {
            String message = failure.getMessage();
            say(command, message == null ? failure.toString() : message);
            return CANT_BEGIN;
        }
        throw failure;
    }

    private static void say(CommandLine command, String message) {
        String line =
                PlainText.of(message.strip().replaceAll(":\\s*\\R\\s*", ": ").replaceAll("\\s*\\R\\s*", "; "));
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + line);
        command.getErr().flush();
    }
}
