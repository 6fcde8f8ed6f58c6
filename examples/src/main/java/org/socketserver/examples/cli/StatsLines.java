package org.socketserver.examples.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.socketserver.api.Server;

/** Writes what a server has done in one line, every so often and at its end. On a daemon thread of its own. */
final class StatsLines implements Companion {
    private final Server server;
    private final Duration every;
    private final PrintWriter err;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "stats");
        thread.setDaemon(true);
        return thread;
    });

    StatsLines(Server server, Duration every, PrintWriter err) {
        this.server = server;
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
        err.flush();
    }
}
