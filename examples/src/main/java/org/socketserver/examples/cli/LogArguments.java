package org.socketserver.examples.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.socketserver.api.AddressText;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import picocli.CommandLine.Option;

/** The option that shows each request. */
final class LogArguments {
    @Option(
            names = "--log-requests",
            description =
                    "Write a line on standard error when a request has ended: peer, outcome, bytes, time. Default: no")
    private boolean logRequests;

    /** Lets the server tell of its requests, if that was asked for. */
    void applyTo(BaseServer<?> server, PrintWriter err) {
        if (logRequests) {
            server.listener(new Lines(err));
        }
    }

    /** Writes a line for each request. */
    private record Lines(PrintWriter err) implements RequestListener {
        @Override
        public void requestStopped(Request request, RequestEnd end) {
            err.println(String.format(
                    Locale.ROOT,
                    "%s %s, %d bytes in, %d out, %.3f ms",
                    AddressText.of(request.clientAddress()),
                    end.outcome().name().toLowerCase(Locale.ROOT),
                    end.bytesIn(),
                    end.bytesOut(),
                    end.duration().toNanos() / 1e6));
            err.flush();
        }
    }
}
