package org.socketserver.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Starts the JDK's pollers for virtual threads, by having one wait for a pipe that is ended as soon as it does. A thread that
 * does not come to wait in time is kept with its pipe and looked at again in the next call, which so takes no descriptor.
 */
record PollerStart(Pipe pipe, Thread reader) {
    /** The accept loop waits no longer than that for a thread to come to wait; others may keep all carriers busy. */
    private static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long POLL = TimeUnit.MICROSECONDS.toNanos(200);

    private static boolean done;
    private static @Nullable PollerStart current;

    /** Starts them; false if the thread did not come to wait in time. */
    static synchronized boolean once(ThreadFactory virtual) throws IOException {
        if (done) {
            return true;
        }
        PollerStart start = current;
        if (start == null) {
            start = begin(virtual);
            current = start;
        }
        done = waits(start.reader);
        if (done || !start.reader.isAlive()) {
            current = null;
            start.end();
        }
        return done;
    }

    private static PollerStart begin(ThreadFactory virtual) throws IOException {
        Pipe pipe = Pipe.open();
        boolean begun = false;
        try {
            Thread reader = virtual.newThread(() -> read(pipe));
            reader.start();
            begun = true;
            return new PollerStart(pipe, reader);
        } finally {
            if (!begun) {
                pipe.sink().close();
                pipe.source().close();
            }
        }
    }

    private static boolean waits(Thread reader) {
        long began = System.nanoTime();
        while (reader.getState() != Thread.State.WAITING) {
            if (System.nanoTime() - began >= LONGEST
                    || !reader.isAlive()
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL);
        }
        return true;
    }

    private static void read(Pipe pipe) {
        try {
            pipe.source().read(ByteBuffer.allocate(1));
        } catch (IOException closed) {
            // The thread has waited, or will not; either way nothing is left to do.
        }
    }

    /** Wakes the thread by the end of the pipe, and not by a byte: an interrupt would be in the way of a write. */
    private void end() throws IOException {
        try {
            pipe.sink().close();
            join(reader);
        } finally {
            pipe.source().close();
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
