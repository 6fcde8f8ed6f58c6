package org.socketserver.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The load generator's report, parsed line by line; {@code load.c} describes the format. Not thread-safe.
 */
final class LoadReport {
    private static final long MAX_LATENCY = TimeUnit.HOURS.toNanos(1);

    private final Histogram latencies = new Histogram(MAX_LATENCY, 3);
    private long requests = -1;
    private long lost;
    private double seconds;
    private double processor;

    /**
     * Parses a line.
     *
     * @throws IOException if it is not part of a report
     */
    void add(String line) throws IOException {
        String[] words = line.split(" ");
        try {
            switch (words[0]) {
                case "requests" -> requests = Long.parseLong(words[1]);
                case "lost" -> lost = Long.parseLong(words[1]);
                case "seconds" -> seconds = Double.parseDouble(words[1]);
                case "processor" -> processor = Double.parseDouble(words[1]);
                case "latency" ->
                    latencies.recordValueWithCount(
                            Math.min(Long.parseLong(words[1]), MAX_LATENCY), Long.parseLong(words[2]));
                default -> throw new IOException("unexpected output of the generator: " + line);
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException wrong) {
            throw new IOException("unexpected output of the generator: " + line, wrong);
        }
    }

    /** Returns whether the report is complete. */
    boolean isComplete() {
        return requests >= 0 && seconds > 0;
    }

    /** Returns how many requests were answered after the warm-up and before the end. */
    long requests() {
        return requests;
    }

    /** Returns how many requests were never answered. */
    long lost() {
        return lost;
    }

    double perSecond() {
        return requests / seconds;
    }

    /** Returns the share of the time in which the generator was busy, from 0 to 1. */
    double generatorShare() {
        return processor / seconds;
    }

    /** Returns the latencies, in ns. */
    Histogram latencies() {
        return latencies;
    }
}
