package org.socketserver.tests;

import java.io.IOException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;

/** Executes its client's commands, which are mostly harmful, and echoes all other lines. */
final class ChaosHandler implements RequestHandler<Request> {
    /** The commands. */
    enum Harm {
        EXCEPTION,
        CHECKED_EXCEPTION,
        ERROR,
        STACK_OVERFLOW,
        SELF_INTERRUPT,
        SELF_CLOSE,
        FLOOD,
        SLEEP
    }

    private static final byte[] MUCH = new byte[300_000];

    private int depth;

    @Override
    public void handle(Request request) throws Exception {
        for (String line = Handlers.line(request); line != null; line = Handlers.line(request)) {
            if (line.startsWith("!")) {
                harm(Harm.valueOf(line.substring(1)), request);
            } else {
                Handlers.answer(request, line);
            }
        }
    }

    private void harm(Harm harm, Request request) throws Exception {
        switch (harm) {
            case EXCEPTION -> throw new IllegalStateException("chaos");
            case CHECKED_EXCEPTION -> throw new IOException("chaos");
            case ERROR -> throw new LinkageError("chaos");
            case STACK_OVERFLOW -> deeper();
            case SELF_INTERRUPT -> Thread.currentThread().interrupt();
            case SELF_CLOSE -> request.close();
            case FLOOD -> request.output().write(MUCH);
            case SLEEP -> Thread.sleep(30);
        }
    }

    private int deeper() {
        depth++;
        return depth < Integer.MAX_VALUE ? deeper() + depth : 0;
    }
}
