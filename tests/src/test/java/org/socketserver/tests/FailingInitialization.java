package org.socketserver.tests;

import java.io.File;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;

/** A handler whose class initialization fails while one file exists, and hangs while another exists. */
public final class FailingInitialization implements RequestHandler<Request> {
    static final String FAILS = "tests.initialization.fails";
    static final String HANGS = "tests.initialization.hangs";

    static {
        if (isThere(HANGS)) {
            hang();
        }
        if (isThere(FAILS)) {
            System.out.println("printed before");
            throw new IllegalStateException("no luck today");
        }
    }

    private static boolean isThere(String property) {
        return new File(System.getProperty(property, "/does/not/exist")).exists();
    }

    private static void hang() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException killedInstead) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void handle(Request request) throws Exception {
        Handlers.ONE_LINE.handle(request);
    }
}
