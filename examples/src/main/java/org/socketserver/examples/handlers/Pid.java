package org.socketserver.examples.handlers;

import java.io.IOException;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.StreamRequestHandler;

/** Answers every line with the id of the process that handles it. */
public final class Pid {
    private Pid() {}

    /** For streams. */
    public static final class OfStream extends StreamRequestHandler {
        /** Makes a handler. */
        public OfStream() {}

        @Override
        public void handle() throws IOException {
            while (readLine() != null) {
                writeLine(Long.toString(ProcessHandle.current().pid()));
            }
        }
    }

    /** For packets. */
    public static final class OfDatagram extends DatagramRequestHandler {
        /** Makes a handler. */
        public OfDatagram() {}

        @Override
        public void handle() throws IOException {
            for (long lines = text().lines().count(); lines > 0; lines--) {
                writeLine(Long.toString(ProcessHandle.current().pid()));
            }
        }
    }
}
