package org.socketserver.mixins.forking.parent;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;

/**
 * Reads and writes a connection for a worker, as the worker requests.
 *
 * <p>The worker's monitor thread writes. While it waits for a slow client, it receives no messages, so the worker's
 * writes and reads wait too. Reads run on a thread of their own, because they may wait while the handler writes. It is
 * started when the handler reads for the first time.
 */
final class Relay {
    private static final int CHUNK = 64 * 1024;

    private final Worker worker;
    private final StreamRequest request;
    private final long number;
    private final ThreadFactory threads;

    /** Guarded by this, as is what follows. */
    private @Nullable ExecutorService reader;
    /** True while the worker waits for bytes. */
    private boolean wanted;
    /** True once the worker has ended its input. */
    private boolean inputOver;

    private volatile boolean writing;
    private @Nullable IOException loss;

    Relay(Worker worker, StreamRequest request, long number) {
        this(worker, request, number, Thread::new);
    }

    /** For tests. */
    Relay(Worker worker, StreamRequest request, long number, ThreadFactory threads) {
        this.worker = worker;
        this.request = request;
        this.number = number;
        this.threads = threads;
    }

    /** Handles a message of the worker. */
    void receive(Frame frame) throws IOException {
        DataInputStream input = frame.open();
        if (input.readLong() != number) {
            // About an earlier request.
            return;
        }
        switch (frame.type()) {
            case READ -> read(input.readInt());
            case READ_OFF -> readOff();
            case WRITE, END_OUTPUT, NO_DELAY -> output(frame.type(), input);
            case CLOSE -> request.close();
            default -> {
                // Not about the connection.
            }
        }
    }

    private void read(int bytes) throws IOException {
        try {
            if (!startRead(Math.max(1, Math.min(CHUNK, bytes)))) {
                // The handler ended its input while it sent the read.
                answer(FrameType.DATA, new byte[0], 0);
            }
        } catch (OutOfMemoryError noThread) {
            // Otherwise the handler would wait forever.
            fail("nobody can read for it: " + noThread.getMessage());
        }
    }

    /** Reads in the background; returns false if the worker has ended its input. */
    private synchronized boolean startRead(int bytes) {
        if (inputOver) {
            return false;
        }
        wanted = true;
        if (reader == null) {
            reader = Executors.newSingleThreadExecutor(this::newThread);
        }
        reader.execute(() -> readNow(bytes));
        return true;
    }

    private Thread newThread(Runnable work) {
        Thread thread = threads.newThread(work);
        thread.setName("relay of " + worker);
        thread.setDaemon(true);
        return thread;
    }

    private void readNow(int bytes) {
        try {
            byte[] buffer = new byte[bytes];
            int count;
            try {
                count = request.input().read(buffer, 0, bytes);
            } catch (IOException | RuntimeException gone) {
                if (takeWanted()) {
                    fail(String.valueOf(gone.getMessage()));
                }
                return;
            }
            if (takeWanted()) {
                answer(FrameType.DATA, buffer, Math.max(0, count));
            }
        } catch (IOException workerHasGone) {
            // The monitor notices.
        }
    }

    /** Ends the input for the worker. A read that waits here continues, and its bytes are dropped. */
    private void readOff() throws IOException {
        synchronized (this) {
            inputOver = true;
        }
        if (takeWanted()) {
            answer(FrameType.DATA, new byte[0], 0);
        }
    }

    /** Returns whether the worker waits for an answer; true only once for each read. */
    private synchronized boolean takeWanted() {
        boolean taken = wanted;
        wanted = false;
        return taken;
    }

    private void fail(String why) throws IOException {
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        answer(FrameType.READ_FAILED, text, text.length);
    }

    private void answer(FrameType type, byte[] bytes, int count) throws IOException {
        worker.send(type, output -> {
            output.writeLong(number);
            output.write(bytes, 0, count);
        });
    }

    /** Executes an operation on the output; sends the first failure to the worker. */
    private void output(FrameType type, DataInputStream input) {
        if (loss != null) {
            return;
        }
        try {
            switch (type) {
                case WRITE -> {
                    writing = true;
                    request.output().write(input.readAllBytes());
                }
                case END_OUTPUT -> request.shutdownOutput();
                default -> request.noDelay(input.readBoolean());
            }
        } catch (IOException gone) {
            loss = gone;
            worker.command(FrameType.LOST, output -> {
                output.writeLong(number);
                output.writeUTF(String.valueOf(gone.getMessage()));
            });
        } finally {
            writing = false;
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

    /** Throws the first failure of a write, if there was one. */
    void throwLoss() throws IOException {
        if (loss != null) {
            throw loss;
        }
    }

    /** Called when the worker has finished with the connection. */
    synchronized void end() {
        wanted = false;
        if (reader != null) {
            reader.shutdown();
        }
    }
}
