package org.socketserver.mixins.forking.parent;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.forking.wire.ControlChannel.Body;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;

/**
 * Reads and writes a connection for a worker, as the worker requests.
 *
 * <p>The worker's monitor thread writes. While it waits for a slow client, it receives no messages, so the worker's
 * writes and reads wait too. Reads run on another thread, because they may wait while the handler writes.
 */
final class Relay {
    /** Bytes of one answer, so that the pipe to a worker that is stopped (SIGSTOP) has room: a send must not wait. */
    private static final int MAX_READ = 16 * 1024;

    private final Worker worker;
    private final StreamRequest request;
    private final long number;
    private final Executor readers;

    /** True while a read is not answered. The connection has one reader at a time. */
    private final AtomicBoolean reading = new AtomicBoolean();

    private volatile boolean over;
    private volatile boolean writing;
    private @Nullable IOException loss;

    Relay(Worker worker, StreamRequest request, long number, Executor readers) {
        this.worker = worker;
        this.request = request;
        this.number = number;
        this.readers = readers;
    }

    /** Handles a message of the worker about this connection. */
    void receive(Frame frame) throws IOException {
        switch (frame.type()) {
            case READ -> {
                int bytes = frame.open().readInt();
                startRead(Math.max(1, Math.min(MAX_READ, bytes)));
            }
            case WRITE, END_OUTPUT, NO_DELAY -> output(frame);
            case CLOSE -> request.close();
            default -> {
                // Not about the connection.
            }
        }
    }

    private void startRead(int bytes) throws ProtocolException {
        if (!reading.compareAndSet(false, true)) {
            throw new ProtocolException("a read before the last one was answered");
        }
        try {
            readers.execute(() -> read(bytes));
        } catch (OutOfMemoryError | RejectedExecutionException noThread) {
            // Otherwise the handler would wait forever.
            answerRead(FrameType.READ_FAILED, Body.text("no thread to read the connection: " + noThread.getMessage()));
        }
    }

    private void read(int bytes) {
        try {
            byte[] buffer = new byte[bytes];
            int count = request.input().read(buffer, 0, bytes);
            answerRead(FrameType.DATA, output -> output.write(buffer, 0, Math.max(0, count)));
        } catch (Throwable failure) {
            answerRead(FrameType.READ_FAILED, Body.text(String.valueOf(failure.getMessage())));
        }
    }

    private void answerRead(FrameType type, Body body) {
        // Before the answer, because the next read may follow at once.
        reading.set(false);
        answer(type, body);
    }

    /** Executes an operation on the output; sends the first failure to the worker. */
    private void output(Frame frame) {
        if (loss != null) {
            return;
        }
        try {
            switch (frame.type()) {
                case WRITE -> {
                    writing = true;
                    request.output().write(frame.payload());
                }
                case END_OUTPUT -> {
                    // A layer may have to write.
                    writing = true;
                    request.shutdownOutput();
                }
                default -> request.noDelay(frame.open().readBoolean());
            }
        } catch (IOException gone) {
            loss = gone;
            answer(FrameType.LOST, Body.text(String.valueOf(gone.getMessage())));
        } finally {
            writing = false;
        }
    }

    private void answer(FrameType type, Body body) {
        if (!over) {
            worker.command(type, number, body);
        }
    }

    /** Returns whether a write of the worker waits for the client. */
    boolean isWriting() {
        return writing;
    }

    /** Closes the connection if a write of the worker waits for the client. */
    void unblock() {
        if (writing) {
            request.close();
        }
    }

    /**
     * Called when the worker has finished with the connection. A read that still waits here ends with the connection.
     *
     * @throws IOException the first failure of a write, if there was one
     */
    void end() throws IOException {
        over = true;
        if (loss != null) {
            throw loss;
        }
    }
}
