package org.socketserver.examples.handlers;

import java.io.IOException;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.StreamRequestHandler;

/** Reads one line, then throws: what a server makes of a handler that fails. */
public final class Fail {
    private Fail() {}

    /** For streams. */
    public static final class OfStream extends StreamRequestHandler {
        /** Makes a handler. */
        public OfStream() {}

        @Override
        public void handle() throws IOException {
            throw new IllegalStateException("told to fail by the line " + readLine());
        }
    }

    /** For packets. */
    public static final class OfDatagram extends DatagramRequestHandler {
        /** Makes a handler. */
        public OfDatagram() {}

        @Override
        public void handle() throws IOException {
            throw new IllegalStateException(
                    "told to fail by the line " + text().lines().findFirst().orElse(""));
        }
    }
}
