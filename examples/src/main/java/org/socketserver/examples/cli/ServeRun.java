package org.socketserver.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;
import org.socketserver.unix.UnixAddress;

/**
 * One run of a server, from binding to the report of its stop. The server runs on a daemon thread; the caller waits for
 * a signal, and so can stop a server whose only thread is held by a handler.
 *
 * <p>A stop that takes longer than {@link #limit}, or a second signal, ends the process whatever hangs in it, shutdown
 * hooks included, and removes the socket file, which a server that is not closed leaves behind. A line on standard error
 * says what the limit cut short.
 */
final class ServeRun {
    /** The most time that a stop takes besides its drain delay and its grace. */
    static final Duration MOST = Duration.ofSeconds(2);

    /** The most time for the removal of the file and for the last line, which may hang. */
    static final Duration LAST = Duration.ofMillis(200);

    /** For the end of the process itself. */
    private static final Duration RESERVE = Duration.ofMillis(50);

    private static final int ABORTED = 1;
    private static final int FAILED = 2;

    /** What goes along with a server: it begins when that is bound, and ends when it is closed. */
    interface Companion {
        /** Begins; if that fails, {@link #end()} is not called. */
        void begin() throws IOException;

        /** Ends; called once. Throws if what was gathered is lost. */
        void end() throws IOException;

        /** Returns what {@link #end()} writes, for a message that says it is lost. */
        String result();
    }

    private final BaseServer<?> server;
    private final List<Companion> companions;
    private final PrintWriter out;
    private final PrintWriter err;

    /** Completed when the stop begins, whether a signal, the end of serving, or a failure is the reason. */
    private final CompletableFuture<Void> asked = new CompletableFuture<>();

    /** Begun and not ended yet, the last one first. */
    private final Deque<Companion> begun = new ConcurrentLinkedDeque<>();

    /** The exit status if the time limit ends the process now. */
    private volatile int status = FAILED;

    /** True when the server is closed and the companions have ended. */
    private volatile boolean ended;

    ServeRun(BaseServer<?> server, List<Companion> companions, PrintWriter out, PrintWriter err) {
        this.server = server;
        this.companions = companions;
        this.out = out;
        this.err = err;
    }

    /** Returns how long a stop may take before the process is ended. */
    static Duration limit(ServerOptions options) {
        return options.drainDelay().plus(options.grace()).plus(MOST).minus(LAST).minus(RESERVE);
    }

    /**
     * Serves until a signal comes, or a handler shuts the server down.
     *
     * @return 0 if all requests ended by themselves, 1 if some were aborted
     * @throws IOException if the address can't be had, or is lost while serving; or if a companion can't begin or end
     */
    int untilAsked() throws IOException, InterruptedException {
        server.bind();
        Runnable removal = socketFileRemoval();
        Signals.onStop(() -> asked.complete(null), signaled -> halt(removal, signaled));
        int result;
        try {
            for (Companion companion : companions) {
                companion.begin();
                begun.push(companion);
            }
            // Started now: later there may be no thread for it.
            start("stop limit", () -> endLateStop(removal));
            result = serveUntilAsked();
        } finally {
            server.close();
            // When the server is closed nothing more happens that they could miss.
            for (Companion companion = begun.peek(); companion != null; companion = begun.peek()) {
                companion.end();
                begun.remove();
            }
            ended = true;
        }
        // Not before: until then the time limit may still cut something short.
        status = result;
        return result;
    }

    private int serveUntilAsked() throws IOException, InterruptedException {
        start("accept", () -> {
            try {
                server.serveForever();
                asked.complete(null);
            } catch (Throwable failure) {
                asked.completeExceptionally(failure);
            }
        });
        out.println("ready " + server.transport() + " " + AddressText.of(server.address()));
        out.flush();
        try {
            asked.get();
        } catch (ExecutionException failure) {
            throw new IOException(server.name() + " can't serve any more: " + failure.getMessage(), failure);
        }
        status = ABORTED;
        ShutdownReport report = server.shutdown(server.options().grace());
        report.forced().forEach(request -> err.println("aborted: " + request));
        report.running().forEach(request -> err.println("aborted, but still running: " + request));
        err.flush();
        // Those that still run had their grace.
        server.close(Duration.ZERO);
        return report.isClean() ? 0 : ABORTED;
    }

    private void endLateStop(Runnable removal) {
        asked.handle((done, failure) -> done).join();
        try {
            Thread.sleep(limit(server.options()).toMillis());
        } catch (InterruptedException never) {
            // Then it ends early.
        }
        Runnable lastWords = () -> {
            removal.run();
            String lost = begun.stream().map(Companion::result).collect(Collectors.joining(", "));
            err.println("stop took too long, process ended while "
                    + (ended ? "shutdown hooks were running" : "the server was stopping")
                    + (lost.isEmpty() ? "" : "; lost: " + lost));
            err.flush();
            AsyncOutput.awaitStandard();
        };
        halt(lastWords, status);
    }

    /** Does the last thing, unless that hangs, and ends the process. */
    private static void halt(Runnable last, int status) {
        try {
            start("last words", last).join(LAST.toMillis());
        } catch (Throwable noThread) {
            // The file is left.
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private Runnable socketFileRemoval() {
        Optional<Path> file = server.address() instanceof UnixAddress unix ? unix.path() : Optional.empty();
        Object key = file.map(ServeRun::keyOf).orElse(null);
        return () -> {
            if (key != null && key.equals(keyOf(file.get()))) {
                // If it can't be deleted, the next server there replaces it.
                file.get().toFile().delete();
            }
        };
    }

    /** Which file it is, as another server may have replaced it; null if there is none. */
    private static @Nullable Object keyOf(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (IOException none) {
            return null;
        }
    }
}
