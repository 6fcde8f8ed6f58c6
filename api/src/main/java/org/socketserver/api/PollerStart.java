package org.socketserver.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Starts the JDK's pollers for virtual threads, by having one wait for a byte that is sent when it does. */
final class PollerStart {
    /** Should the thread not be seen to wait by then, as on a machine under load, the byte is sent all the same. */
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);

    private static final long POLL = TimeUnit.MICROSECONDS.toNanos(200);

    private static boolean done;

    private PollerStart() {}

    static synchronized void once(ThreadFactory virtual) throws IOException {
        if (done) {
            return;
        }
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            Thread reader = virtual.newThread(() -> read(source));
            reader.start();
            long began = System.nanoTime();
            while (reader.getState() != Thread.State.WAITING && System.nanoTime() - began < LONGEST) {
                LockSupport.parkNanos(POLL);
            }
            sink.write(ByteBuffer.allocate(1));
            join(reader);
        }
        done = true;
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
