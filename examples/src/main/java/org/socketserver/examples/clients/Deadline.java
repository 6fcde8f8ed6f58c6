package org.socketserver.examples.clients;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/**
 * Closes a client when a time is over, which ends whatever waits on it. A daemon thread waits for that; closing the
 * deadline ends it.
 */
public final class Deadline implements AutoCloseable {
    private final Closeable victim;
    private final long nanos;
    private long began = System.nanoTime();
    private boolean over;
    private boolean expired;

    /**
     * Begins now.
     *
     * @param victim what to close
     * @param time when, from now on
     */
    public Deadline(Closeable victim, Duration time) {
        this.victim = victim;
        this.nanos = time.toNanos();
        Thread thread = new Thread(this::run, "deadline");
        thread.setDaemon(true);
        thread.start();
    }

    /** Begins anew. */
    public synchronized void restart() {
        began = System.nanoTime();
    }

    /**
     * Tells why a client is closed.
     *
     * @return true if the time was over
     */
    public synchronized boolean isExpired() {
        return expired;
    }

    /** Gives up waiting; the client is left alone. */
    @Override
    public synchronized void close() {
        over = true;
        notifyAll();
    }

    private void run() {
        synchronized (this) {
            for (long left = nanos; left > 0 && !over; left = nanos - (System.nanoTime() - began)) {
                try {
                    wait(left / 1_000_000 + 1);
                } catch (InterruptedException nobodyMay) {
                    return;
                }
            }
            if (over) {
                return;
            }
            expired = true;
        }
        try {
            victim.close();
        } catch (IOException closedAnyway) {
            // close(2): the descriptor is released even then.
        }
    }
}
