package org.socketserver.examples.cli;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Output that never blocks the thread that writes: a daemon thread hands on what waits in a buffer of {@value #MOST}
 * bytes. While that is full lines are dropped. Their number is written as soon as the reader has taken something. May
 * be called by any thread.
 */
final class AsyncOutput extends OutputStream {
    static final int MOST = 1 << 20;

    /** How long the end of the process waits for a reader. */
    private static final long LAST_MILLIS = 500;

    private final OutputStream target;
    private final String name;

    // All guarded by this.
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private byte last = '\n';
    private boolean writing;
    private boolean broken;
    /** True from the first dropped byte until the count is written. */
    private boolean full;

    private long droppedLines;
    /** True while what comes is the rest of a line whose begin was dropped. */
    private boolean skipping;

    AsyncOutput(OutputStream target, String name) {
        this.target = target;
        this.name = name;
        Thread writer = new Thread(this::handOn, name);
        writer.setDaemon(true);
        writer.start();
    }

    /**
     * Replaces the standard output and the standard error of this process. Its end waits up to {@value #LAST_MILLIS}
     * ms for readers.
     *
     * @return the standard error
     */
    static AsyncOutput install() {
        AsyncOutput out = new AsyncOutput(new FileOutputStream(FileDescriptor.out), "standard output");
        AsyncOutput err = new AsyncOutput(new FileOutputStream(FileDescriptor.err), "standard error");
        System.setOut(new PrintStream(out, true, charset("stdout.encoding")));
        System.setErr(new PrintStream(err, true, charset("stderr.encoding")));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> out.awaitWritten(err.awaitWritten(LAST_MILLIS)), "last output"));
        return err;
    }

    /** The property is there from Java 19 on. */
    private static Charset charset(String property) {
        String name = System.getProperty(property, System.getProperty("native.encoding", "UTF-8"));
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** Takes all of these bytes, or drops them. */
    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int end = offset + length;
        while (skipping && from < end) {
            skipping = bytes[from++] != '\n';
        }
        if (from == end || broken) {
            return;
        }
        if (full || waiting.size() + end - from > MOST) {
            drop(bytes, from, end);
        } else {
            waiting.write(bytes, from, end - from);
            last = bytes[end - 1];
            notifyAll();
        }
    }

    private void drop(byte[] bytes, int from, int end) {
        full = true;
        for (int i = from; i < end; i++) {
            droppedLines += bytes[i] == '\n' ? 1 : 0;
        }
        if (bytes[end - 1] != '\n') {
            droppedLines++;
            skipping = true;
        }
        notifyAll();
    }

    private void handOn() {
        try {
            while (true) {
                target.write(next());
            }
        } catch (IOException | InterruptedException noReader) {
            synchronized (this) {
                broken = true;
                writing = false;
                waiting = new ByteArrayOutputStream();
                notifyAll();
            }
        }
    }

    /** Waits for output. */
    private synchronized byte[] next() throws InterruptedException {
        writing = false;
        notifyAll();
        while (waiting.size() == 0 && !full) {
            wait();
        }
        if (full) {
            String count = (last == '\n' ? "" : "\n") + droppedLines + " lines dropped: nobody read the " + name + "\n";
            waiting.writeBytes(count.getBytes(StandardCharsets.US_ASCII));
            last = '\n';
            full = false;
            droppedLines = 0;
        }
        byte[] next = waiting.toByteArray();
        waiting = new ByteArrayOutputStream();
        writing = true;
        return next;
    }

    /**
     * Waits until all is written, or the reader has gone, or the time is over.
     *
     * @return how much of the time is left, in ms
     */
    synchronized long awaitWritten(long millis) {
        long began = System.nanoTime();
        long left = millis;
        try {
            while (left > 0 && !broken && (writing || full || waiting.size() > 0)) {
                wait(left);
                left = millis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            }
        } catch (InterruptedException enough) {
            Thread.currentThread().interrupt();
        }
        return left;
    }
}
