package org.socketserver.examples.handlers;

import java.io.IOException;
import java.util.Locale;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.StreamRequestHandler;

/** Answers every line with the same in capitals. */
public final class Upper {
    private Upper() {}

    /** For streams. */
    public static final class OfStream extends StreamRequestHandler {
        /** Makes a handler. */
        public OfStream() {}

        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(line.toUpperCase(Locale.ROOT));
            }
        }
    }

    /** For packets. */
    public static final class OfDatagram extends DatagramRequestHandler {
        /** Makes a handler. */
        public OfDatagram() {}

        @Override
        public void handle() throws IOException {
            for (String line : text().lines().toList()) {
                writeLine(line.toUpperCase(Locale.ROOT));
            }
        }
    }
}
