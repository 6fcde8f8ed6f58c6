package org.socketserver.examples.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.AddressText;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.ForkingMixIn;
import picocli.CommandLine.Option;

/** The options that show what a server does. */
final class SeeingArguments {
    @Option(
            names = "--stats",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "Write a line with all counters on standard error every so often, and at the end; with "
                    + "--mixin forking one with the workers as well. At least 1ms. Default: none")
    private @Nullable Duration stats;

    @Option(
            names = "--jfr",
            paramLabel = "FILE",
            description = "Record with the Flight Recorder: all requests (events org.socketserver.*) and the JDK's "
                    + "default profile. FILE is replaced, and written at the end, at most the last 256 MiB. "
                    + "Default: none")
    private @Nullable Path recording;

    @Option(
            names = "--stuck-after",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationText.class,
            description = "Log the peer, age and stack of a handler that neither waits for its peer nor moves a byte "
                    + "for that long; once a request. Default: 0, nobody looks")
    @SuppressWarnings("NullAway.Init")
    private Duration stuckAfter;

    @Option(
            names = "--log-requests",
            description =
                    "Write a line on standard error when a request has ended: peer, outcome, bytes, time. Default: no")
    private boolean logRequests;

    /** Adds these options. */
    void applyTo(ServerOptions.Builder options) {
        options.stuckAfter(stuckAfter);
    }

    /** Lets the server tell of its requests, if that was asked for. */
    void applyTo(BaseServer<?> server, PrintWriter err) {
        if (logRequests) {
            server.listener(new Lines(err));
        }
    }

    /**
     * Makes what was asked for to go along with the server.
     *
     * @param workers gives the workers; none without worker processes
     * @throws IllegalArgumentException if a value is out of bounds
     * @throws UnsupportedOperationException if this JVM has no Flight Recorder, and it is asked for
     */
    List<Companion> companions(BaseServer<?> server, Optional<ForkingMixIn> workers, PrintWriter err) {
        List<Companion> companions = new ArrayList<>();
        if (recording != null) {
            if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
                throw new UnsupportedOperationException(
                        "--jfr needs the Flight Recorder; this Java lacks its module, jdk.jfr");
            }
            companions.add(new FlightRecording(recording));
        }
        if (stats != null) {
            if (stats.isZero()) {
                throw new IllegalArgumentException(
                        "Invalid value for option '--stats': it is 0 ms; it must be 1 ms or more");
            }
            companions.add(new StatsLines(server, workers, stats, err));
        }
        return companions;
    }

    /** Writes a line for each request. */
    private record Lines(PrintWriter err) implements RequestListener {
        @Override
        public void requestStopped(Request request, RequestEnd end) {
            err.println(String.format(
                    Locale.ROOT,
                    "%s %s, %d bytes in, %d out, %.3f ms",
                    AddressText.of(request.clientAddress()),
                    end.reason(),
                    end.bytesIn(),
                    end.bytesOut(),
                    end.duration().toNanos() / 1e6));
            err.flush();
        }
    }
}
