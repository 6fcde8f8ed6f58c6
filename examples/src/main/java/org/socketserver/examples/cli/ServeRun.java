package org.socketserver.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.socketserver.api.AddressText;
import org.socketserver.api.BaseServer;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ShutdownReport;

/**
 * One run of a server, from binding to the report of its stop. The server runs on a daemon thread; the caller waits for a
 * signal, and so can stop a server whose only thread is held by a handler.
 *
 * <p>When a stop takes longer than its drain delay, its grace and {@value #MARGIN_MILLIS} ms, the process ends at once.
 */
final class ServeRun {
    /** Less than the 2 s that are promised, as the end takes a moment too. */
    private static final long MARGIN_MILLIS = 1_750;

    private static final int CLEAN = 0;
    private static final int CUT = 1;

    private final BaseServer<?> server;
    private final List<Companion> companions;
    private final PrintWriter out;
    private final PrintWriter err;
    /** Completed when the stop begins, whether a signal, the end of serving, or a failure is the reason. */
    private final CompletableFuture<Void> asked = new CompletableFuture<>();

    /** The exit status, once it is known. */
    private volatile int status = CUT;

    ServeRun(BaseServer<?> server, List<Companion> companions, PrintWriter out, PrintWriter err) {
        this.server = server;
        this.companions = companions;
        this.out = out;
        this.err = err;
    }

    /**
     * Serves until a signal comes, or a handler shuts the server down.
     *
     * @return 0 if all requests ended by themselves, 1 if some were cut
     * @throws IOException if the address can't be had, or is lost while serving; or if a companion can't begin or end
     */
    int untilAsked() throws IOException, InterruptedException {
        server.bind();
        ForcedEnd end = ForcedEnd.of(server.address());
        Signals.onStop(() -> asked.complete(null), end::now);
        Deque<Companion> begun = new ArrayDeque<>();
        try {
            for (Companion companion : companions) {
                companion.begin();
                begun.push(companion);
            }
            return serveUntilAsked(end);
        } finally {
            server.close();
            // When the server is closed nothing more happens that they could miss.
            for (Companion companion : begun) {
                companion.end();
            }
        }
    }

    private int serveUntilAsked(ForcedEnd end) throws IOException, InterruptedException {
        ServerOptions options = server.options();
        end.ifLate(asked, options.drainDelay().plus(options.grace()).plusMillis(MARGIN_MILLIS), () -> status);
        Thread thread = new Thread(this::serve, "accept");
        thread.setDaemon(true);
        thread.start();
        out.println("ready " + server.transport() + " " + AddressText.of(server.address()));
        out.flush();
        try {
            asked.get();
        } catch (ExecutionException failure) {
            throw new IOException(server.name() + " can't serve any more: " + failure.getMessage(), failure);
        }
        return stop();
    }

    private void serve() {
        try {
            server.serveForever();
            asked.complete(null);
        } catch (Throwable failure) {
            asked.completeExceptionally(failure);
        }
    }

    private int stop() {
        ShutdownReport report = server.shutdown(server.options().grace());
        for (LiveRequest request : report.forced()) {
            err.println("cut: " + request);
        }
        for (LiveRequest request : report.running()) {
            err.println("cut, but still running: " + request);
        }
        err.flush();
        status = report.isClean() ? CLEAN : CUT;
        // Those that still run had their grace.
        server.close(Duration.ZERO);
        return status;
    }
}
