package org.socketserver.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
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
    private final PrintWriter out;
    private final PrintWriter err;
    private final CompletableFuture<Void> asked = new CompletableFuture<>();

    ServeRun(BaseServer<?> server, PrintWriter out, PrintWriter err) {
        this.server = server;
        this.out = out;
        this.err = err;
    }

    /**
     * Serves until a signal comes.
     *
     * @return 0 if all requests ended by themselves, 1 if some were cut
     * @throws IOException if the address can't be had, or is lost while serving
     */
    int untilAsked() throws IOException, InterruptedException {
        server.bind();
        Signals.onStop(() -> asked.complete(null));
        Thread thread = new Thread(this::serve, "accept");
        thread.setDaemon(true);
        thread.start();
        out.println("ready " + server.transport() + " " + AddressText.of(server.address()));
        out.flush();
        try {
            asked.get();
        } catch (ExecutionException failure) {
            server.close();
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
        if (!report.running().isEmpty()) {
            // They had their grace; an interrupted close does not give it to them again.
            Thread.currentThread().interrupt();
        }
        server.close();
        return report.isClean() ? 0 : 1;
    }
}
