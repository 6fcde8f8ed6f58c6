package org.socketserver.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What the load generator saw. Filled line by line, by one thread.
 *
 * <p>Its format is in {@code load.c}.
 */
final class LoadReport {
    private static final long LONGEST = TimeUnit.HOURS.toNanos(1);

    private final Histogram latencies = new Histogram(LONGEST, 3);
    private long requests = -1;
    private long lost;
    private double seconds;
    private double processor;

    /**
     * Takes in a line.
     *
     * @throws IOException if the generator would not say that
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
                            Math.min(Long.parseLong(words[1]), LONGEST), Long.parseLong(words[2]));
                default -> throw new IOException("the generator said: " + line);
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException wrong) {
            throw new IOException("the generator said: " + line, wrong);
        }
    }

    /** Tells whether the generator came to its end. */
    boolean isComplete() {
        return requests >= 0 && seconds > 0;
    }

    /** Tells how many requests were answered within the time, the warm-up not counted. */
    long requests() {
        return requests;
    }

    /** Tells how many were never answered. */
    long lost() {
        return lost;
    }

    double perSecond() {
        return requests / seconds;
    }

    /** Tells how busy the generator was itself, from 0 to 1. */
    double generatorShare() {
        return processor / seconds;
    }

    /** Gives how long answers took, in ns. */
    Histogram latencies() {
        return latencies;
    }
}
