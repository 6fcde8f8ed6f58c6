package org.socketserver.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.util.Map;
import org.socketserver.api.Request;

/** Commands that end the request. */
final class ObedientEnds {
    static final Map<String, ObedientHandler.Command> COMMANDS = Map.of(
            "throw",
                    (request, message) -> {
                        throw new IllegalStateException(message);
                    },
            "io",
                    (request, message) -> {
                        throw new IOException(message);
                    },
            "error",
                    (request, message) -> {
                        throw new AssertionError(message);
                    },
            "interrupted",
                    (request, message) -> {
                        throw new InterruptedException(message);
                    },
            "protocol",
                    (request, message) -> {
                        throw new ProtocolException(message);
                    },
            "overflow", (request, message) -> Faults.overflowStack(),
            "memory", (request, message) -> Faults.exhaustMemory(),
            "half-answer",
                    (request, message) -> {
                        Handlers.answer(request, "half of it");
                        throw new IllegalStateException(message);
                    },
            "close",
                    (request, message) -> {
                        request.close();
                        Handlers.line(request);
                    },
            "wrapped", (request, message) -> wrapped(request));

    private ObedientEnds() {}

    /** Wraps an IOException as the JDK's streams do where none may be thrown. */
    private static void wrapped(Request request) {
        try {
            Handlers.answer(request, String.valueOf(Handlers.line(request)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
