package org.socketserver.examples.cli;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Output that never blocks the thread that writes: a daemon thread writes what is waiting in a buffer of {@value #MOST}
 * bytes. While the buffer is full, lines are dropped. Their number is written once there is room again. May be called
 * by any thread.
 *
 * <p>A write that fails, for example because the disk is full, is tried again after {@value #PAUSE_MILLIS} ms. Only
 * when the reader of a pipe has closed it, everything is discarded from then on.
 */
final class AsyncOutput extends OutputStream {
    static final int MOST = 1 << 20;

    /** The pause after a write that failed, or that a non-blocking pipe had no room for. */
    private static final long PAUSE_MILLIS = 100;

    /** How long the end of the process waits for a reader. */
    private static final long LAST_MILLIS = 500;

    /** The JDK copies what it writes at once into memory outside the heap. */
    private static final int MOST_AT_ONCE = 1 << 16;

    private static final List<AsyncOutput> STANDARD = new CopyOnWriteArrayList<>();

    private final WritableByteChannel target;
    private final String name;
    private final Charset charset;

    /** What is being written; only the writing thread touches it. */
    private ByteBuffer batch = ByteBuffer.allocate(0);

    // All guarded by this.
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private byte last = '\n';
    private boolean writing;
    private boolean broken;
    /** True from the first dropped byte until the count is written. */
    private boolean full;

    private long droppedLines;
    /** True while skipping the rest of a line whose start was dropped. */
    private boolean skipping;
    /** Why lines were dropped, if writing failed since the last count. */
    private @Nullable IOException failure;

    /**
     * Starts the thread that writes.
     *
     * @param target takes the bytes; may block
     * @param name what it is, for the line that counts dropped lines
     * @param charset the charset of text
     */
    AsyncOutput(WritableByteChannel target, String name, Charset charset) {
        this.target = target;
        this.name = name;
        this.charset = charset;
        Thread writer = new Thread(this::writeAll, name);
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
        AsyncOutput out = standard(FileDescriptor.out, "standard output", "stdout.encoding");
        AsyncOutput err = standard(FileDescriptor.err, "standard error", "stderr.encoding");
        System.setOut(new PrintStream(out, true, out.charset));
        System.setErr(new PrintStream(err, true, err.charset));
        STANDARD.addAll(List.of(err, out));
        Runtime.getRuntime().addShutdownHook(new Thread(AsyncOutput::awaitStandard, "last output"));
        return err;
    }

    /** Waits until what {@link #install} replaced is written, at most {@value #LAST_MILLIS} ms. */
    static void awaitStandard() {
        long left = LAST_MILLIS;
        for (AsyncOutput output : STANDARD) {
            left = output.awaitWritten(left);
        }
    }

    /** A channel, unlike a stream, says how many bytes a write that fails has written. */
    private static AsyncOutput standard(FileDescriptor descriptor, String name, String encoding) {
        return new AsyncOutput(new FileOutputStream(descriptor).getChannel(), name, charset(encoding));
    }

    /** The property is there from Java 19 on. */
    private static Charset charset(String property) {
        String name = System.getProperty(property, System.getProperty("native.encoding", "UTF-8"));
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }

    /** Returns the charset in which text is written. */
    Charset charset() {
        return charset;
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
            return;
        }
        try {
            waiting.write(bytes, from, end - from);
            last = bytes[end - 1];
            notifyAll();
        } catch (OutOfMemoryError noRoom) {
            drop(bytes, from, end);
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

    private void writeAll() {
        try {
            while (!isBroken()) {
                if (!hasWritten()) {
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException end) {
            end();
        }
    }

    private synchronized boolean isBroken() {
        return broken;
    }

    /** Waits for output and writes some of it; returns false if that failed. */
    private boolean hasWritten() throws InterruptedException {
        try {
            if (!batch.hasRemaining()) {
                batch = next();
            }
            ByteBuffer some = batch.slice();
            some.limit(Math.min(some.limit(), MOST_AT_ONCE));
            int written = target.write(some);
            batch.position(batch.position() + written);
            return written > 0;
        } catch (IOException failed) {
            failed(failed);
            return false;
        } catch (InterruptedException end) {
            throw end;
        } catch (Throwable noMemory) {
            // Nothing is lost: what was not written is still there.
            return false;
        }
    }

    private synchronized void failed(IOException failed) {
        failure = failed;
        if (failed instanceof ClosedChannelException || "Broken pipe".equals(failed.getMessage())) {
            end();
        }
    }

    private synchronized void end() {
        broken = true;
        writing = false;
        waiting = new ByteArrayOutputStream();
        notifyAll();
    }

    /** Waits for output. When there is no memory for it, all stays as it is. */
    private synchronized ByteBuffer next() throws InterruptedException {
        writing = false;
        notifyAll();
        while (waiting.size() == 0 && !full) {
            wait();
        }
        if (full) {
            waiting.writeBytes(count().getBytes(charset));
            last = '\n';
            full = false;
            failure = null;
            droppedLines = 0;
        }
        byte[] next = waiting.toByteArray();
        waiting = new ByteArrayOutputStream();
        writing = true;
        return ByteBuffer.wrap(next);
    }

    private String count() {
        return (last == '\n' ? "" : "\n") + "dropped " + droppedLines + (droppedLines == 1 ? " line: " : " lines: ")
                + name + (failure == null ? " was not read" : " failed: " + failure.getMessage()) + "\n";
    }

    /**
     * Waits until everything is written, the reader has closed its pipe, or the time is over.
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
