package org.socketserver.examples.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.socketserver.api.AddressText;
import org.socketserver.api.Server;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.WorkerState;

/**
 * Writes what a server has done in one line, and which workers it has in another, every so often and at its end. On a daemon
 * thread of its own.
 */
final class StatsLines implements Companion {
    private final Server server;
    private final Optional<ForkingMixIn> workers;
    private final Duration every;
    private final PrintWriter err;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "stats");
        thread.setDaemon(true);
        return thread;
    });

    StatsLines(Server server, Optional<ForkingMixIn> workers, Duration every, PrintWriter err) {
        this.server = server;
        this.workers = workers;
        this.every = every;
        this.err = err;
    }

    @Override
    public void begin() {
        clock.scheduleAtFixedRate(this::write, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void end() {
        clock.shutdownNow();
        write();
    }

    /** One at a time, so that the line of the end is the last. */
    private synchronized void write() {
        err.println("stats: " + server.stats());
        workers.ifPresent(forks -> err.println("workers: " + written(forks)));
        err.flush();
    }

    private static String written(ForkingMixIn forks) {
        String counts = forks.workersStarted() + " started, " + forks.workersDied() + " died";
        return forks.workers().stream()
                .sorted(Comparator.comparing(WorkerState::pid))
                .map(worker -> "; " + written(worker))
                .collect(Collectors.joining("", counts, ""));
    }

    private static String written(WorkerState worker) {
        String phase = worker.phase().name().toLowerCase(Locale.ROOT);
        return worker.pid() + " " + phase + ", requests " + worker.requests() + ", age "
                + worker.age().toSeconds() + " s"
                + worker.peer().map(peer -> ", peer " + AddressText.of(peer)).orElse("");
    }
}
