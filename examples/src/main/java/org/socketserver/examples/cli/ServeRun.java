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
import org.socketserver.api.ShutdownReport;

/**
 * One run of a server, from binding to the report of its stop. The server runs on a daemon thread; the caller waits for a
 * signal, and so can stop a server whose only thread is held by a handler.
 */
final class ServeRun {
    private final BaseServer<?> server;
    private final List<Companion> companions;
    private final PrintWriter out;
    private final PrintWriter err;
    private final CompletableFuture<Void> asked = new CompletableFuture<>();

    ServeRun(BaseServer<?> server, List<Companion> companions, PrintWriter out, PrintWriter err) {
        this.server = server;
        this.companions = companions;
        this.out = out;
        this.err = err;
    }

    /**
     * Serves until a signal comes.
     *
     * @return 0 if all requests ended by themselves, 1 if some were cut
     * @throws IOException if the address can't be had, or is lost while serving; or if a companion can't begin or end
     */
    int untilAsked() throws IOException, InterruptedException {
        server.bind();
        Signals.onStop(() -> asked.complete(null));
        Deque<Companion> begun = new ArrayDeque<>();
        try {
            for (Companion companion : companions) {
                companion.begin();
                begun.push(companion);
            }
            return serveUntilAsked();
        } finally {
            server.close();
            // When the server is closed nothing more happens that they could miss.
            for (Companion companion : begun) {
                companion.end();
            }
        }
    }

    private int serveUntilAsked() throws IOException, InterruptedException {
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
        // Those that still run had their grace.
        server.close(Duration.ZERO);
        return report.isClean() ? 0 : 1;
    }
}
