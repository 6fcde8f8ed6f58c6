package org.socketserver.examples.handlers;

import java.io.IOException;
import java.net.ProtocolException;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.StreamRequestHandler;

/** Every line is a number of milliseconds: waits, then answers with it. */
public final class Sleep {
    private Sleep() {}

    /** For streams. */
    public static final class OfStream extends StreamRequestHandler {
        /** Makes a handler. */
        public OfStream() {}

        @Override
        public void handle() throws IOException, InterruptedException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(sleep(line));
            }
        }
    }

    /** For packets. */
    public static final class OfDatagram extends DatagramRequestHandler {
        /** Makes a handler. */
        public OfDatagram() {}

        @Override
        public void handle() throws IOException, InterruptedException {
            for (String line : text().lines().toList()) {
                writeLine(sleep(line));
            }
        }
    }

    private static String sleep(String line) throws ProtocolException, InterruptedException {
        String digits = line.strip();
        if (!digits.matches("[0-9]{1,9}")) {
            throw new ProtocolException("'" + line + "' is no number of milliseconds");
        }
        Thread.sleep(Long.parseLong(digits));
        return line;
    }
}
