package org.socketserver.tests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;

/** Handlers that run on every transport. */
final class Handlers {
    /** Answers every line in upper case until the end of input. */
    static final RequestHandler<Request> UPPER = request -> {
        for (String line = line(request); line != null; line = line(request)) {
            answer(request, line.toUpperCase(Locale.ROOT));
        }
    };

    /** Answers one line and returns. */
    static final RequestHandler<Request> ONE_LINE = request -> answer(request, "got " + line(request));

    /** Echoes all input. */
    static final RequestHandler<Request> ECHO = request -> request.input().transferTo(request.output());

    private Handlers() {}

    /** {@link #UPPER} as a class, which a worker process can instantiate. */
    public static final class Upper implements RequestHandler<Request> {
        /** Instantiated by the server. */
        public Upper() {}

        @Override
        public void handle(Request request) throws Exception {
            UPPER.handle(request);
        }
    }

    /** {@link #ONE_LINE} as a class. */
    public static final class OneLine implements RequestHandler<Request> {
        /** Instantiated by the server. */
        public OneLine() {}

        @Override
        public void handle(Request request) throws Exception {
            ONE_LINE.handle(request);
        }
    }

    /** {@link #ECHO} as a class. */
    public static final class Echo implements RequestHandler<Request> {
        /** Instantiated by the server. */
        public Echo() {}

        @Override
        public void handle(Request request) throws Exception {
            ECHO.handle(request);
        }
    }

    /** Returns the next line without its LF, or null at the end of input. */
    static @Nullable String line(Request request) throws IOException {
        var line = new ByteArrayOutputStream();
        int next = request.input().read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = request.input().read()) {
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    static void answer(Request request, String line) throws IOException {
        request.output().write((line + '\n').getBytes(StandardCharsets.UTF_8));
    }
}
