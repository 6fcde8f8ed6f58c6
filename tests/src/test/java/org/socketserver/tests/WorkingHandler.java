package org.socketserver.tests;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;

/** Answers every line in upper case, after up to 10 ms of work. */
public final class WorkingHandler implements RequestHandler<Request> {
    private static final int MAX_MILLIS = 10;

    @Override
    public void handle(Request request) throws IOException, InterruptedException {
        for (String line = Handlers.line(request); line != null; line = Handlers.line(request)) {
            Thread.sleep(ThreadLocalRandom.current().nextInt(MAX_MILLIS));
            Handlers.answer(request, line.toUpperCase(Locale.ROOT));
        }
    }
}
