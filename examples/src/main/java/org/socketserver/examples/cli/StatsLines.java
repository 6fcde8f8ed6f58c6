package org.socketserver.examples.cli;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerStats;
import org.socketserver.api.WorkerState;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.PlainText;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;

/**
 * Writes a line with the statistics of the servers, and others with their workers, periodically and at the end. Runs on
 * its own thread. Rates and percentiles cover the time since the previous line.
 */
final class StatsLines implements ServeRun.Companion, RequestListener {
    private final Supplier<ServerStats> source;
    private final List<MixIn> mixIns;
    private final Duration every;
    private final Consumer<String> out;
    private final LongSupplier nanoTime;
    /** Durations of handled requests in us, with a precision of two digits. */
    private final Recorder durations = new Recorder(2);

    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, "stats"));

    // Guarded by this.
    private long before;
    private ServerStats then;

    StatsLines(
            Supplier<ServerStats> source,
            List<MixIn> mixIns,
            Duration every,
            Consumer<String> out,
            LongSupplier nanoTime) {
        this.source = source;
        this.mixIns = mixIns;
        this.every = every;
        this.out = out;
        this.nanoTime = nanoTime;
        before = nanoTime.getAsLong();
        then = source.get();
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
        if (end.outcome() != RequestOutcome.REJECTED) {
            durations.recordValue(end.duration().toNanos() / 1_000);
        }
    }

    @Override
    public String result() {
        return "the last line of --stats";
    }

    /** Writes the lines. Synchronized, so that the line of {@link #end} is the last. */
    synchronized void write() {
        long now = nanoTime.getAsLong();
        ServerStats stats = source.get();
        double seconds = Math.max(1, now - before) / 1e9;
        Histogram ended = durations.getIntervalHistogram();
        String line = String.format(
                Locale.ROOT,
                "stats: %s; %.1f requests/s, %.0f bytes/s in, %.0f out",
                stats,
                (stats.accepted() - then.accepted()) / seconds,
                (stats.bytesIn() - then.bytesIn()) / seconds,
                (stats.bytesOut() - then.bytesOut()) / seconds);
        double p50 = ended.getValueAtPercentile(50) / 1e3;
        double p99 = ended.getValueAtPercentile(99) / 1e3;
        boolean isQuiet = ended.getTotalCount() == 0;
        out.accept(isQuiet ? line : String.format(Locale.ROOT, "%s, p50 %.3f ms, p99 %.3f ms", line, p50, p99));
        before = now;
        then = stats;
        for (MixIn mixIn : mixIns) {
            if (mixIn instanceof ForkingMixIn forks) {
                out.accept(PlainText.of(workers(forks)));
            }
        }
    }

    private static String workers(ForkingMixIn forks) {
        StringBuilder line = new StringBuilder("workers: ");
        line.append(forks.workersStarted() + " started, " + forks.workersDied() + " died");
        forks.workers().stream().sorted(Comparator.comparing(WorkerState::pid)).forEach(worker -> {
            line.append("; " + worker.pid() + " " + TextValues.word(worker.phase()));
            line.append(
                    ", requests " + worker.requests() + ", age " + worker.age().toSeconds() + " s");
            worker.peer().ifPresent(peer -> line.append(", peer " + AddressText.of(peer)));
        });
        return line.toString();
    }
}
