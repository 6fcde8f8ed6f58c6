package org.socketserver.examples.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ForkingMixIn;
import picocli.CommandLine.Option;

/** The options that show what a server does. */
final class SeeingArguments {
    @Option(
            names = "--stats",
            paramLabel = "TIME",
            converter = DurationText.class,
            description =
                    "Write a line on standard error every so often, and at the end: all counters, and since the line "
                            + "before the rates and how long requests took (p50, p99); with --mixin forking one with "
                            + "the workers as well. At least 1ms. Default: none")
    private @Nullable Duration stats;

    @Option(
            names = "--jfr",
            paramLabel = "FILE",
            description = "Record with the Flight Recorder: all requests (events org.socketserver.*) and the JDK's "
                    + "default profile. FILE is replaced, and written at the end, at most the last 256 MiB; it is "
                    + "lost if the time limit of a stop comes first. Default: none")
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
            arity = "0..1",
            paramLabel = "FORM",
            converter = Choice.OfForm.class,
            completionCandidates = Choice.OfForm.class,
            preprocessor = RequestLines.FormOrNothing.class,
            description = "Write a line on standard error when a request has ended: time, server, number, peer, "
                    + "outcome, bytes, duration; as text, or with =json as a JSON object. Default: no")
    private RequestLines.@Nullable Form logRequests;

    /** Adds these options. */
    void applyTo(ServerOptions.Builder options) {
        options.stuckAfter(stuckAfter);
    }

    /**
     * Creates the requested companions and registers their listener.
     *
     * @param workers the mix-in that has the workers; empty without worker processes
     * @param lines called with each line to be written, from any thread
     * @throws IllegalArgumentException if a value is out of bounds
     * @throws UnsupportedOperationException if this JVM has no Flight Recorder, and it is asked for
     */
    List<Companion> companions(BaseServer<?> server, Optional<ForkingMixIn> workers, Consumer<String> lines) {
        List<Companion> companions = new ArrayList<>();
        List<RequestListener> ended = new ArrayList<>();
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
            StatsLines counted = new StatsLines(server, workers, stats, lines, System::nanoTime);
            companions.add(counted);
            ended.add(counted);
        }
        if (logRequests != null) {
            ended.add(new RequestLines(logRequests, lines));
        }
        if (!ended.isEmpty()) {
            server.listener(new RequestListener() {
                @Override
                public void requestStopped(Request request, RequestEnd end) {
                    ended.forEach(listener -> listener.requestStopped(request, end));
                }
            });
        }
        return companions;
    }
}
