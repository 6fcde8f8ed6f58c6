package org.socketserver.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Starts the JDK's pollers for virtual threads, by having one wait for a byte that is sent when it does. */
final class PollerStart {
    /** The accept loop waits no longer than that for a thread to come to wait; others may keep all carriers busy. */
    private static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long POLL = TimeUnit.MICROSECONDS.toNanos(200);

    private static boolean done;

    private PollerStart() {}

    /** Starts them; false if the thread did not come to wait in time. */
    static synchronized boolean once(ThreadFactory virtual) throws IOException {
        if (done) {
            return true;
        }
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            Thread reader = virtual.newThread(() -> read(source));
            reader.start();
            done = waits(reader);
            sink.write(ByteBuffer.allocate(1));
            join(reader);
        }
        return done;
    }

    private static boolean waits(Thread reader) {
        long began = System.nanoTime();
        while (reader.getState() != Thread.State.WAITING) {
            if (System.nanoTime() - began >= LONGEST || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL);
        }
        return true;
    }

    private static void read(Pipe.SourceChannel source) {
        try {
            source.read(ByteBuffer.allocate(1));
        } catch (IOException closed) {
            // The thread has waited, or will not; either way nothing is left to do.
        }
    }

    /** Waits for the end, keeping an interrupt. */
    private static void join(Thread thread) {
        try {
            thread.join(TimeUnit.NANOSECONDS.toMillis(LONGEST));
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }
}
