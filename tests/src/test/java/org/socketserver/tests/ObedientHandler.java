package org.socketserver.tests;

import java.util.HashMap;
import java.util.Map;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Request;

/**
 * Does what its peer tells it, line by line, until the input ends: a word and what it takes, such as {@code upper hello}; several
 * in one line as {@code upper hello;quiet}. So a test steers it from outside, also when it runs in another process; a packet is
 * one line.
 *
 * <p>The words: {@link ObedientTalk} about bytes and what a handler knows, {@link ObedientWaits} about time, {@link
 * ObedientEnds} about ways to end, {@link ObedientWorker} for handlers with a process of their own.
 */
public class ObedientHandler extends BaseRequestHandler<Request> {
    /** What a word means. */
    interface Command {
        void obey(Request request, String argument) throws Exception;
    }

    private static final Map<String, Command> COMMANDS = new HashMap<>();

    static {
        COMMANDS.putAll(ObedientTalk.COMMANDS);
        COMMANDS.putAll(ObedientWaits.COMMANDS);
        COMMANDS.putAll(ObedientEnds.COMMANDS);
        COMMANDS.putAll(ObedientWorker.COMMANDS);
    }

    /** Made by servers. */
    public ObedientHandler() {}

    @Override
    public void handle() throws Exception {
        for (String line = Handlers.line(request()); line != null; line = Handlers.line(request())) {
            obeyAll(request(), line);
        }
    }

    private static void obeyAll(Request request, String line) throws Exception {
        for (String command : line.split(";")) {
            obey(request, command);
        }
    }

    private static void obey(Request request, String line) throws Exception {
        String[] wordAndArgument = line.split(" ", 2);
        Command command = COMMANDS.get(wordAndArgument[0]);
        if (command == null) {
            throw new IllegalArgumentException("no such command: " + line);
        }
        command.obey(request, wordAndArgument.length < 2 ? "" : wordAndArgument[1]);
    }

    /** The same for one line, after which it is done. */
    public static final class Once extends BaseRequestHandler<Request> {
        /** Made by servers. */
        public Once() {}

        @Override
        public void handle() throws Exception {
            String line = Handlers.line(request());
            if (line != null) {
                obeyAll(request(), line);
            }
        }
    }
}
