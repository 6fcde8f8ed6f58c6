package org.socketserver.examples.handlers;

import java.io.IOException;
import java.util.Optional;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.StreamRequestHandler;

/** Sends one line back, then is done. */
public final class Line {
    private Line() {}

    /** For streams. */
    public static final class OfStream extends StreamRequestHandler {
        /** Makes a handler. */
        public OfStream() {}

        @Override
        public void handle() throws IOException {
            String line = readLine();
            if (line != null) {
                writeLine(line);
            }
        }
    }

    /** For packets. */
    public static final class OfDatagram extends DatagramRequestHandler {
        /** Makes a handler. */
        public OfDatagram() {}

        @Override
        public void handle() throws IOException {
            Optional<String> line = text().lines().findFirst();
            if (line.isPresent()) {
                writeLine(line.get());
            }
        }
    }
}
