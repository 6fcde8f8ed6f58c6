package org.socketserver.examples.cli;

import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.Server;
import org.socketserver.api.ServerStats;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.PlainText;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.WorkerState;

/**
 * Writes what a server has done in one line, and which workers it has in another, periodically and at its end. Runs on
 * a daemon thread of its own. Rates and percentiles are those since the previous line.
 */
final class StatsLines implements Companion, RequestListener {
    private static final double SECOND = 1e9;
    /** Two digits of a duration are exact. */
    private static final int DIGITS = 2;

    private final Server server;
    private final Optional<ForkingMixIn> workers;
    private final Duration every;
    private final Consumer<String> out;
    private final LongSupplier nanoTime;
    /** Durations in us of requests that a handler had. */
    private final Recorder durations = new Recorder(DIGITS);

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "stats");
        thread.setDaemon(true);
        return thread;
    });

    // Guarded by this.
    private long before;
    private ServerStats then;

    StatsLines(
            Server server,
            Optional<ForkingMixIn> workers,
            Duration every,
            Consumer<String> out,
            LongSupplier nanoTime) {
        this.server = server;
        this.workers = workers;
        this.every = every;
        this.out = out;
        this.nanoTime = nanoTime;
        before = nanoTime.getAsLong();
        then = server.stats();
    }

    @Override
    public void begin() {
        clock.scheduleAtFixedRate(this::write, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void end() {
        clock.shutdownNow();
        write();
    }

    @Override
    public void requestStopped(Request request, RequestEnd end) {
        if (end.outcome() != RequestOutcome.REFUSED) {
            durations.recordValue(end.duration().toNanos() / 1_000);
        }
    }

    @Override
    public String result() {
        return "the last line of --stats";
    }

    /** One at a time, so that the line of the end is the last. */
    synchronized void write() {
        long now = nanoTime.getAsLong();
        ServerStats stats = server.stats();
        double seconds = Math.max(1, now - before) / SECOND;
        String rates = String.format(
                Locale.ROOT,
                "; %.1f requests/s, %.0f bytes/s in, %.0f out",
                (stats.accepted() - then.accepted()) / seconds,
                (stats.bytesIn() - then.bytesIn()) / seconds,
                (stats.bytesOut() - then.bytesOut()) / seconds);
        out.accept("stats: " + stats + rates + percentiles(durations.getIntervalHistogram()));
        before = now;
        then = stats;
        workers.ifPresent(forks -> out.accept("workers: " + PlainText.of(written(forks))));
    }

    private static String percentiles(Histogram ended) {
        return ended.getTotalCount() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", p50 %.3f ms, p99 %.3f ms",
                        ended.getValueAtPercentile(50) / 1e3,
                        ended.getValueAtPercentile(99) / 1e3);
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
