package org.socketserver.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;

/**
 * One run of a server, from binding to the report of its stop. The server runs on a daemon thread; the caller waits for
 * a signal, and so can stop a server whose only thread is held by a handler.
 *
 * <p>A stop that takes too long ends the process, see {@link ForcedEnd#limit}. A line on standard error then says what
 * was cut short.
 */
final class ServeRun {
    private static final int CLEAN = 0;
    private static final int CUT = 1;
    private static final int FAILED = 2;

    private final BaseServer<?> server;
    private final List<Companion> companions;
    private final PrintWriter out;
    private final PrintWriter err;
    /** Completed when the stop begins, whether a signal, the end of serving, or a failure is the reason. */
    private final CompletableFuture<Void> asked = new CompletableFuture<>();

    /** Begun and not ended yet, the last one first. */
    private final Deque<Companion> begun = new ConcurrentLinkedDeque<>();

    /** The exit status if the time limit ends the process now. */
    private volatile int status = CUT;
    /** True when the server is closed and the companions have ended. */
    private volatile boolean ended;

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
        int result;
        try {
            for (Companion companion : companions) {
                companion.begin();
                begun.push(companion);
            }
            result = serveUntilAsked(end);
        } catch (IOException failure) {
            status = FAILED;
            throw failure;
        } finally {
            server.close();
            // When the server is closed nothing more happens that they could miss.
            endCompanions();
        }
        // Not before: until then the time limit may still cut something short.
        status = result;
        return result;
    }

    private void endCompanions() throws IOException {
        for (Companion companion = begun.peek(); companion != null; companion = begun.peek()) {
            try {
                companion.end();
            } catch (IOException failure) {
                status = FAILED;
                throw failure;
            }
            begun.remove();
        }
        ended = true;
    }

    /** Prints what the time limit cut short. */
    private void lastWords() {
        String lost = begun.stream().map(Companion::result).collect(Collectors.joining(", "));
        err.println("stop took too long, process ended while "
                + (ended ? "shutdown hooks were running" : "the server was stopping")
                + (lost.isEmpty() ? "" : "; lost: " + lost));
        err.flush();
        AsyncOutput.awaitStandard();
    }

    private int serveUntilAsked(ForcedEnd end) throws IOException, InterruptedException {
        end.ifLate(asked, ForcedEnd.limit(server.options()), this::lastWords, () -> status);
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
        // Those that still run had their grace.
        server.close(Duration.ZERO);
        return report.isClean() ? CLEAN : CUT;
    }
}
