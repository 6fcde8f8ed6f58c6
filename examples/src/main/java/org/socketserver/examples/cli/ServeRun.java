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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.Servers;
import org.socketserver.unix.UnixAddress;

/**
 * One run of the servers, from binding to the report of their stop. They run on other threads, and the caller waits for
 * a signal, so a stop works even if a handler blocks the thread of a server.
 *
 * <p>If a stop takes longer than {@link #limit}, or a second signal arrives, the process ends, even if something
 * hangs, including shutdown hooks. It then removes the socket file, because the server was not closed. After the time
 * limit, a line on standard error lists what was lost.
 */
final class ServeRun {
    /** The most time that a stop takes in addition to the lame-duck time and the grace period. */
    static final Duration MAX = Duration.ofSeconds(2);

    /** The most time for removing the file and writing the last line, which can block. */
    static final Duration LAST = Duration.ofMillis(200);

    /** Time for the exit of the process itself. */
    private static final Duration RESERVE = Duration.ofMillis(50);

    private static final int ABORTED = 1;
    private static final int FAILED = 2;

    /** Something that begins when the server is bound, and ends when it is closed. */
    interface Companion {
        /** Called when the server is bound. If it throws, {@link #end()} is not called. */
        void begin() throws IOException;

        /** Called once when the server is closed. Throws if the result is lost. */
        void end() throws IOException;

        /** Returns the name of the result, for the message that it is lost. */
        String result();
    }

    private final Servers servers;
    private final Duration grace;
    private final Duration lameDuck;
    private final List<Companion> companions;
    private final PrintWriter out;
    private final PrintWriter err;

    /** Completed when the stop begins: after a signal or the end of serving. */
    private final CompletableFuture<Void> asked = new CompletableFuture<>();

    /** Completed at the end of serving, with the failure if there was one. */
    private final CompletableFuture<Void> served = new CompletableFuture<>();

    /** The companions that have begun and not ended, the latest first. */
    private final Deque<Companion> begun = new ConcurrentLinkedDeque<>();

    /** The exit status if the time limit ends the process now. */
    private volatile int status = FAILED;

    /** True when the server is closed and the companions have ended. */
    private volatile boolean ended;

    ServeRun(Servers servers, Duration lameDuck, List<Companion> companions, PrintWriter out, PrintWriter err) {
        this.servers = servers;
        grace = servers.servers().get(0).options().grace();
        this.lameDuck = lameDuck;
        this.companions = companions;
        this.out = out;
        this.err = err;
    }

    /** Returns the time limit of a stop, after which the process is ended. */
    static Duration limit(Duration lameDuck, Duration grace) {
        return lameDuck.plus(grace).plus(MAX).minus(LAST).minus(RESERVE);
    }

    /**
     * Serves until a signal arrives or a handler shuts the server down.
     *
     * @return 0 if all requests ended by themselves, 1 if some were aborted
     * @throws IOException if binding, accepting or a companion fails
     */
    int untilAsked() throws IOException, InterruptedException {
        servers.bind();
        List<Runnable> removals =
                servers.servers().stream().map(ServeRun::socketFileRemoval).toList();
        Runnable removal = () -> removals.forEach(Runnable::run);
        Signals.onStop(() -> asked.complete(null), signaled -> halt(removal, signaled));
        int result;
        try {
            for (Companion companion : companions) {
                companion.begin();
                begun.push(companion);
            }
            // Started now, because later no thread may be available.
            start("stop limit", () -> endLateStop(removal));
            result = serveUntilAsked();
        } finally {
            servers.close();
            // After the server has closed, so that they miss nothing.
            for (Companion companion = begun.peek(); companion != null; companion = begun.peek()) {
                companion.end();
                begun.remove();
            }
            ended = true;
        }
        // Set last, because the time limit can end the process until then.
        status = result;
        return result;
    }

    private int serveUntilAsked() throws IOException, InterruptedException {
        start("accept", () -> {
            try {
                servers.serveForever();
                served.complete(null);
            } catch (Throwable failure) {
                served.completeExceptionally(failure);
            }
            asked.complete(null);
        });
        servers.servers().forEach(server -> out.println(ready(server)));
        out.flush();
        asked.join();
        beLameDuck();
        status = ABORTED;
        ShutdownReport report = servers.close(grace);
        report.running().forEach(request -> err.println("aborted, but still running: " + request));
        err.flush();
        return report.isClean() ? 0 : ABORTED;
    }

    /** Continues to accept for some time after a signal, but not ready; ends early at the end of serving. */
    private void beLameDuck() throws IOException, InterruptedException {
        if (!lameDuck.isZero() && !served.isDone()) {
            servers.ready(false);
            servers.servers().forEach(server -> out.println("not " + ready(server)));
            out.flush();
        }
        try {
            served.get(lameDuck.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException over) {
            // The time to stop.
        } catch (ExecutionException failure) {
            throw new IOException("stopped serving: " + failure.getMessage(), failure);
        }
    }

    private static String ready(BaseServer<?> server) {
        return "ready " + server.transport() + " " + AddressText.of(server.address());
    }

    private void endLateStop(Runnable removal) {
        asked.join();
        try {
            Thread.sleep(limit(lameDuck, grace).toMillis());
        } catch (InterruptedException never) {
            // Ends the process early.
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

    /** Runs an action for at most {@link #LAST}, then ends the process. */
    private static void halt(Runnable last, int status) {
        try {
            start("last output", last).join(LAST.toMillis());
        } catch (Throwable noThread) {
            // Without a thread, the file stays.
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

    private static Runnable socketFileRemoval(BaseServer<?> server) {
        Optional<Path> file = server.address() instanceof UnixAddress unix ? unix.path() : Optional.empty();
        Object key = file.map(ServeRun::keyOf).orElse(null);
        return () -> {
            if (key != null && key.equals(keyOf(file.get()))) {
                // If it cannot be deleted, the next server at this path replaces it.
                file.get().toFile().delete();
            }
        };
    }

    /** Identifies a file, because another server may have replaced it. Returns null if it does not exist. */
    private static @Nullable Object keyOf(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (IOException none) {
            return null;
        }
    }
}
