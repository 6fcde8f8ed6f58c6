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
import java.util.concurrent.locks.LockSupport;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.internal.PlainFailure;
import org.socketserver.api.internal.PlainText;
import org.socketserver.api.internal.Thrown;

/**
 * Output that never blocks the calling thread: a daemon thread writes the contents of a buffer of {@value #MAX} bytes.
 * While the buffer is full, lines are dropped; their number is written when there is room again. Thread-safe.
 *
 * <p>A failed write, for example because the disk is full, is retried after 100 ms. After the reader of a pipe has
 * closed it, all output is discarded.
 */
final class AsyncOutput extends OutputStream {
    static final int MAX = 1 << 20;

    /** The pause after a write that failed or wrote nothing to a full non-blocking pipe. */
    private static final long PAUSE_NANOS = 100_000_000;

    /** How long the exit of the process waits for a reader. */
    private static final long LAST_MILLIS = 500;

    private static final List<AsyncOutput> STANDARD = new CopyOnWriteArrayList<>();

    private final WritableByteChannel target;
    private final String name;
    private final Charset charset;

    // All guarded by this.
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    /** The bytes that are being written; only the writing thread consumes them. */
    private ByteBuffer batch = ByteBuffer.allocate(0);

    private byte last = '\n';
    private volatile boolean broken;
    /** True from the first dropped byte until the count is written. */
    private boolean full;

    private long droppedLines;
    /** True while skipping the rest of a line whose start was dropped. */
    private boolean skipping;
    /** The last failed write since the last count of dropped lines. */
    private @Nullable Exception failure;

    /** Starts the writing thread. The name appears in the line with the number of dropped lines. */
    AsyncOutput(WritableByteChannel target, String name, Charset charset) {
        this.target = target;
        this.name = name;
        this.charset = charset;
        Thread writer = new Thread(this::writeAll, name);
        writer.setDaemon(true);
        writer.start();
    }

    /**
     * Replaces standard output and standard error of this process, and the handlers of java.util.logging unless the
     * user has configured it. The exit of the process waits up to {@value #LAST_MILLIS} ms for readers.
     */
    static void install() {
        AsyncOutput out = standard(FileDescriptor.out, "standard output", "stdout.encoding");
        AsyncOutput err = standard(FileDescriptor.err, "standard error", "stderr.encoding");
        System.setOut(new PrintStream(out, true, out.charset));
        System.setErr(new PrintStream(err, true, err.charset));
        STANDARD.addAll(List.of(err, out));
        Runtime.getRuntime().addShutdownHook(new Thread(AsyncOutput::awaitStandard, "last output"));
        if (System.getProperty("java.util.logging.config.file") == null
                && System.getProperty("java.util.logging.config.class") == null) {
            LogManager.getLogManager().reset();
            Logger.getLogger("").addHandler(new LogHandler(err));
        }
    }

    /** Waits until both standard outputs are written, at most {@value #LAST_MILLIS} ms. */
    static void awaitStandard() {
        long left = LAST_MILLIS;
        for (AsyncOutput output : STANDARD) {
            left = output.awaitWritten(left);
        }
    }

    /** Creates an output on a channel: unlike a stream, it returns the number of bytes of a partial write. */
    private static AsyncOutput standard(FileDescriptor descriptor, String name, String property) {
        // The property exists since Java 19.
        String encoding = System.getProperty(property, System.getProperty("native.encoding", "UTF-8"));
        Charset charset = Charset.isSupported(encoding) ? Charset.forName(encoding) : StandardCharsets.UTF_8;
        return new AsyncOutput(new FileOutputStream(descriptor).getChannel(), name, charset);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** Buffers all of these bytes or drops all of them. */
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
        full |= waiting.size() + end - from > MAX;
        if (full) {
            for (int i = from; i < end; i++) {
                droppedLines += bytes[i] == '\n' || i == end - 1 ? 1 : 0;
            }
            skipping = bytes[end - 1] != '\n';
        } else {
            waiting.write(bytes, from, end - from);
            last = bytes[end - 1];
        }
        notifyAll();
    }

    private void writeAll() {
        while (!broken) {
            try {
                if (hasTaken(target.write(next()))) {
                    continue;
                }
            } catch (IOException | InterruptedException failed) {
                fail(failed);
            } catch (Throwable noMemory) {
                // Nothing is lost: unwritten bytes are still buffered.
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private synchronized boolean hasTaken(int count) {
        batch.position(batch.position() + count);
        notifyAll();
        return count > 0;
    }

    private synchronized void fail(Exception failed) {
        failure = failed;
        broken = !(failed instanceof IOException)
                || failed instanceof ClosedChannelException
                || "Broken pipe".equals(failed.getMessage());
        notifyAll();
    }

    /** Waits for output and returns it. If it throws OutOfMemoryError, the state is unchanged. */
    private synchronized ByteBuffer next() throws InterruptedException {
        while (isWritten()) {
            wait();
        }
        if (!batch.hasRemaining()) {
            if (full) {
                String count = (last == '\n' ? "" : "\n") + "dropped " + droppedLines
                        + (droppedLines == 1 ? " line: " : " lines: ") + name
                        + (failure == null ? " was not read" : " failed: " + failure.getMessage()) + "\n";
                waiting.writeBytes(count.getBytes(charset));
                last = '\n';
                full = false;
                failure = null;
                droppedLines = 0;
            }
            batch = ByteBuffer.wrap(waiting.toByteArray());
            waiting = new ByteArrayOutputStream();
        }
        return batch.slice();
    }

    private boolean isWritten() {
        return !batch.hasRemaining() && waiting.size() == 0 && !full;
    }

    /**
     * Waits until everything is written, the reader has closed its pipe, or the time has elapsed.
     *
     * @return the remaining time, in ms
     */
    synchronized long awaitWritten(long millis) {
        long began = System.nanoTime();
        long left = millis;
        try {
            while (left > 0 && !broken && !isWritten()) {
                wait(left);
                left = millis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            }
        } catch (InterruptedException enough) {
            Thread.currentThread().interrupt();
        }
        return left;
    }

    /**
     * Writes log records to an {@link AsyncOutput}, so that logging never blocks: if the buffer is full, a record is
     * dropped and counted. A record that cannot be formatted is reported to the {@link ErrorManager}.
     *
     * <p>Control characters in messages and exceptions are escaped, also in records of a handler's own loggers.
     */
    static final class LogHandler extends Handler {
        private final AsyncOutput output;

        LogHandler(AsyncOutput output) {
            this.output = output;
            setFormatter(new SimpleFormatter());
        }

        @Override
        public void publish(LogRecord event) {
            if (isLoggable(event)) {
                byte[] text;
                try {
                    text = getFormatter().format(plain(event)).getBytes(output.charset);
                } catch (Throwable defect) {
                    // As in the JDK's handlers. Escaped, because the exception may be a user's, with any text.
                    String plain = PlainText.of(Thrown.text(defect));
                    reportError(null, new IllegalStateException(plain), ErrorManager.FORMAT_FAILURE);
                    return;
                }
                output.write(text, 0, text.length);
            }
        }

        /** Returns an escaped copy of the record, because other handlers may use the record itself. */
        private LogRecord plain(LogRecord event) {
            if ("org.socketserver".equals(event.getLoggerName())) {
                // Already escaped, with stack traces on separate lines.
                return event;
            }
            LogRecord copy =
                    new LogRecord(event.getLevel(), PlainText.of(getFormatter().formatMessage(event)));
            copy.setInstant(event.getInstant());
            copy.setLoggerName(event.getLoggerName());
            copy.setSourceClassName(event.getSourceClassName());
            copy.setSourceMethodName(event.getSourceMethodName());
            if (event.getThrown() != null) {
                copy.setThrown(PlainFailure.of(event.getThrown()));
            }
            return copy;
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
