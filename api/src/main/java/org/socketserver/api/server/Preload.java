package org.socketserver.api.server;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.time.ZonedDateTime;
import java.util.Objects;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.VirtualThreads;

/**
 * Loads classes and files that can't be loaded any more once this process has run out of file descriptors or memory.
 *
 * <p>The JDK opens files on first use, and a class whose initialization has failed stays broken for the life of the
 * JVM. The first log record needs the time zones ({@code tzdb.dat}) and the resources of the locale, the first channel
 * that is closed needs a pair of sockets ({@code sun.nio.ch.FileDispatcherImpl}), and the first virtual thread that
 * waits for a socket needs the pollers ({@code sun.nio.ch.Poller}). What is linked for the first time while the heap is
 * full fails with an {@code OutOfMemoryError}.
 *
 * <p>The first bind in a JVM starts a daemon thread that loads all of it and ends. While no file descriptor is free,
 * the thread tries again every second.
 */
final class Preload {
    private static final String NAME = "socketserver-preload";
    private static final long RETRY_MILLIS = 1_000;
    private static final AtomicBoolean STARTED = new AtomicBoolean();

    private Preload() {}

    /** Starts the thread, unless an earlier call has started it. Returns at once. */
    static void start() {
        if (!STARTED.compareAndSet(false, true)) {
            return;
        }
        Thread thread = new Thread(null, Preload::run, NAME);
        thread.setDaemon(true);
        // The thread may outlive the application that has bound the server.
        thread.setContextClassLoader(null);
        try {
            thread.start();
        } catch (OutOfMemoryError noThread) {
            STARTED.set(false);
        }
    }

    private static void run() {
        try {
            while (!isLoaded()) {
                Thread.sleep(RETRY_MILLIS);
            }
        } catch (InterruptedException byAnApplication) {
            STARTED.set(false);
        } catch (Throwable failure) {
            EventLog.PROCESS.threw("preload", failure);
        }
    }

    private static boolean isLoaded() throws InterruptedException {
        try {
            loadChannels();
            loadLogging();
            loadHandOver();
            Objects.requireNonNull(DeadlineSweeper.INSTANCE);
            Objects.requireNonNull(LingeringClose.INSTANCE);
            if (VirtualThreads.available()) {
                loadPollers();
            }
            return true;
        } catch (IOException noneFree) {
            // The accept loop fails too, and logs it.
            return false;
        }
    }

    private static void loadChannels() throws IOException {
        SocketChannel.open().close();
        DatagramChannel.open().close();
    }

    private static void loadLogging() {
        EventLog.PROCESS.prepare();
        // The default format of java.util.logging, with a stack trace; the JDK's own log handler does the same.
        String line =
                String.format("%1$tb %1$td, %1$tY %1$tl:%1$tM:%1$tS %1$Tp %2$s%n", ZonedDateTime.now(), Level.WARNING);
        new Throwable(line).printStackTrace(new PrintWriter(Writer.nullWriter()));
    }

    /**
     * Hands an object to a waiting thread, as {@link java.util.concurrent.ThreadPoolExecutor} does with tasks. The
     * first time, the JDK links a method; if the heap is full then, it loses the task (seen on 17).
     */
    private static void loadHandOver() throws InterruptedException {
        SynchronousQueue<Object> queue = new SynchronousQueue<>();
        Thread taker = new Thread(null, () -> take(queue), NAME);
        taker.setDaemon(true);
        taker.start();
        awaitWaiting(taker);
        queue.offer(queue);
        // In case it did not wait for the queue.
        taker.interrupt();
        taker.join();
    }

    private static void take(SynchronousQueue<Object> queue) {
        try {
            queue.take();
        } catch (InterruptedException enough) {
            // Ends.
        }
    }

    /** Waits until a thread waits or has ended. */
    private static void awaitWaiting(Thread thread) throws InterruptedException {
        while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }
    }

    /** Lets a virtual thread wait for a pipe, then ends the pipe. */
    private static void loadPollers() throws IOException, InterruptedException {
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source()) {
            Thread reader = VirtualThreads.newThread(NAME, () -> read(source));
            try {
                reader.start();
                awaitWaiting(reader);
            } finally {
                // Ends the read.
                pipe.sink().close();
            }
            reader.join();
        }
    }

    private static void read(Pipe.SourceChannel source) {
        try {
            source.read(ByteBuffer.allocate(1));
        } catch (IOException ended) {
            // Expected: the thread only had to wait once.
        }
    }
}
