package org.socketserver.tests;

import java.util.HashMap;
import java.util.Map;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Request;

/**
 * Executes the commands that its client sends, one line at a time, until the end of input. A command is a word with an
 * optional argument, such as {@code upper hello}; a line may hold several, as {@code upper hello;quiet}. A packet is
 * one line. This lets a test control a handler in another process.
 *
 * <p>{@link ObedientTalk} has commands about input, output and the request, {@link ObedientWaits} about time,
 * {@link ObedientEnds} about ways to end, {@link ObedientWorker} about damage to a worker process.
 */
public class ObedientHandler extends BaseRequestHandler<Request> {
    /** The implementation of a command. */
    interface Command {
        void run(Request request, String argument) throws Exception;
    }

    private static final Map<String, Command> COMMANDS = new HashMap<>();

    static {
        COMMANDS.putAll(ObedientTalk.COMMANDS);
        COMMANDS.putAll(ObedientWaits.COMMANDS);
        COMMANDS.putAll(ObedientEnds.COMMANDS);
        COMMANDS.putAll(ObedientWorker.COMMANDS);
    }

    /** Instantiated by the server. */
    public ObedientHandler() {}

    @Override
    public void handle() throws Exception {
        for (String line = Handlers.line(request()); line != null; line = Handlers.line(request())) {
            runAll(request(), line);
        }
    }

    private static void runAll(Request request, String line) throws Exception {
        for (String command : line.split(";")) {
            run(request, command);
        }
    }

    private static void run(Request request, String line) throws Exception {
        String[] wordAndArgument = line.split(" ", 2);
        Command command = COMMANDS.get(wordAndArgument[0]);
        if (command == null) {
            throw new IllegalArgumentException("no such command: " + line);
        }
        command.run(request, wordAndArgument.length < 2 ? "" : wordAndArgument[1]);
    }

    /** Executes the commands of one line and returns. */
    public static final class Once extends BaseRequestHandler<Request> {
        /** Instantiated by the server. */
        public Once() {}

        @Override
        public void handle() throws Exception {
            String line = Handlers.line(request());
            if (line != null) {
                runAll(request(), line);
            }
        }
    }
}
