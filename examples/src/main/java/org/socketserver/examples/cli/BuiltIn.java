package org.socketserver.examples.cli;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.Locale;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.StreamRequestHandler;

/** The named handlers of the command line. Each runs on every transport; a packet is handled as its lines. */
public enum BuiltIn {
    ECHO(Echo.class),
    LINE(Line.class),
    UPPER(Upper.class),
    PID(Pid.class),
    SLEEP(Sleep.class),
    FAIL(Fail.class);

    private final Class<? extends RequestHandler<Request>> handlerClass;

    BuiltIn(Class<? extends RequestHandler<Request>> handlerClass) {
        this.handlerClass = handlerClass;
    }

    Class<? extends RequestHandler<Request>> handlerClass() {
        return handlerClass;
    }

    /** Sends the bytes back, until the end of the stream or packet. */
    public static final class Echo implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws IOException {
            request.input().transferTo(request.output());
        }
    }

    /** Answers lines, until the end of the stream or packet. */
    public abstract static class LineHandler implements RequestHandler<Request> {
        abstract String answer(String line) throws IOException, InterruptedException;

        /** Returns whether only the first line is answered. */
        boolean isDoneAfterOne() {
            return false;
        }

        @Override
        public void handle(Request request) throws Exception {
            if (request instanceof StreamRequest stream) {
                new StreamRequestHandler() {
                    @Override
                    public void handle() throws IOException, InterruptedException {
                        for (String line = readLine(); line != null; line = isDoneAfterOne() ? null : readLine()) {
                            writeLine(answer(line));
                        }
                    }
                }.handle(stream);
            } else if (request instanceof DatagramRequest packet) {
                new DatagramRequestHandler() {
                    @Override
                    public void handle() throws IOException, InterruptedException {
                        long most = isDoneAfterOne() ? 1 : Long.MAX_VALUE;
                        for (String line : text().lines().limit(most).toList()) {
                            writeLine(answer(line));
                        }
                    }
                }.handle(packet);
            }
        }
    }

    /** Sends one line back. */
    public static final class Line extends LineHandler {
        @Override
        String answer(String line) {
            return line;
        }

        @Override
        boolean isDoneAfterOne() {
            return true;
        }
    }

    /** Sends every line back in capitals. */
    public static final class Upper extends LineHandler {
        @Override
        String answer(String line) {
            return line.toUpperCase(Locale.ROOT);
        }
    }

    /** Answers every line with the id of the process that handles it. */
    public static final class Pid extends LineHandler {
        @Override
        String answer(String line) {
            return Long.toString(ProcessHandle.current().pid());
        }
    }

    /** Every line is a number of milliseconds: waits, then answers with it. */
    public static final class Sleep extends LineHandler {
        @Override
        String answer(String line) throws ProtocolException, InterruptedException {
            String digits = line.strip();
            if (!digits.matches("[0-9]{1,9}")) {
                throw new ProtocolException("'" + line + "' is not a number of milliseconds");
            }
            Thread.sleep(Long.parseLong(digits));
            return line;
        }
    }

    /** Reads one line, then throws an exception. */
    public static final class Fail extends LineHandler {
        @Override
        String answer(String line) {
            throw new IllegalStateException("failed on purpose at the line " + line);
        }
    }
}
