package org.socketserver.mixins.pool;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;

/**
 * Reads and writes a connection for a worker, when the worker asks to.
 *
 * <p>The keeper writes; what it can't write any more because the client is slow, the worker can't send, which is how
 * slowness is carried through; nor does its wish to read come through meanwhile. Reading is a thread's own work, as it
 * may wait long while the handler writes: one thread for each connection, and only once the handler reads.
 */
final class Relay {
    private static final int CHUNK = 64 * 1024;

    private final Worker worker;
    private final StreamRequest request;
    private final long number;
    private final ThreadFactory threads;

    private @Nullable Thread reader;
    /** How many bytes the worker waits for; 0 while it does not. Guarded by this. */
    private int wanted;
    /** True once the worker reads no more. Guarded by this. */
    private boolean inputOver;
    /** Guarded by this. */
    private boolean ended;

    private volatile boolean writing;
    private @Nullable IOException loss;

    Relay(Worker worker, StreamRequest request, long number) {
        this(worker, request, number, Thread::new);
    }

    /** With threads as a test wants them. */
    Relay(Worker worker, StreamRequest request, long number, ThreadFactory threads) {
        this.worker = worker;
        this.request = request;
        this.number = number;
        this.threads = threads;
    }

    /** Receives the worker's commands. */
    void hear(Frame frame) throws IOException {
        DataInputStream input = frame.open();
        if (input.readLong() != number) {
            return;
        }
        switch (frame.type()) {
            case READ -> read(input.readInt());
            case READ_OFF -> readOff();
            case WRITE -> write(input.readAllBytes());
            case END_OUTPUT -> {
                try {
                    request.shutdownOutput();
                } catch (IOException gone) {
                    lost(gone);
                }
            }
            case CLOSE -> request.close();
            case NO_DELAY -> {
                try {
                    request.noDelay(input.readBoolean());
                } catch (IOException gone) {
                    lost(gone);
                }
            }
            default -> {
                // Of the request before.
            }
        }
    }

    private void read(int bytes) throws IOException {
        try {
            if (wants(bytes)) {
                return;
            }
        } catch (OutOfMemoryError noThread) {
            // The handler is told, else it would wait for ever.
            answer(FrameType.READ_FAILED, bytesOf("nobody can read for it: " + noThread.getMessage()));
            return;
        }
        // The handler's read and the end of its input have overtaken each other on their way here.
        worker.send(FrameType.DATA, output -> output.writeLong(number));
    }

    /** Asks the reader for bytes; false if the worker has said that it reads no more. */
    private synchronized boolean wants(int bytes) {
        if (inputOver) {
            return false;
        }
        if (reader == null) {
            Thread begun = threads.newThread(this::readOn);
            begun.setName("relay of " + worker);
            begun.setDaemon(true);
            begun.start();
            reader = begun;
        }
        wanted = Math.max(1, Math.min(CHUNK, bytes));
        notifyAll();
        return true;
    }

    /** The input is over for the worker; who reads here goes on, and what comes is dropped. */
    private void readOff() throws IOException {
        synchronized (this) {
            inputOver = true;
            if (wanted == 0) {
                return;
            }
            wanted = 0;
        }
        worker.send(FrameType.DATA, output -> output.writeLong(number));
    }

    private void readOn() {
        byte[] buffer = new byte[CHUNK];
        try {
            for (int bytes = awaitWanted(); bytes > 0; bytes = awaitWanted()) {
                answer(buffer, bytes);
            }
        } catch (IOException workerHasGone) {
            // The keeper notices.
        }
    }

    private synchronized int awaitWanted() {
        try {
            while (wanted == 0 && !ended) {
                wait();
            }
        } catch (InterruptedException asIfEnded) {
            return 0;
        }
        return ended ? 0 : wanted;
    }

    private void answer(byte[] buffer, int bytes) throws IOException {
        FrameType type = FrameType.DATA;
        byte[] answer;
        try {
            int count = request.input().read(buffer, 0, bytes);
            answer = Arrays.copyOf(buffer, Math.max(0, count));
        } catch (IOException | RuntimeException gone) {
            type = FrameType.READ_FAILED;
            answer = bytesOf(String.valueOf(gone.getMessage()));
        }
        synchronized (this) {
            if (wanted == 0 || ended) {
                return;
            }
            wanted = 0;
        }
        answer(type, answer);
    }

    private void answer(FrameType type, byte[] answer) throws IOException {
        worker.send(type, output -> {
            output.writeLong(number);
            output.write(answer);
        });
    }

    private static byte[] bytesOf(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void write(byte[] bytes) {
        if (loss != null) {
            return;
        }
        writing = true;
        try {
            request.output().write(bytes);
        } catch (IOException gone) {
            lost(gone);
        } finally {
            writing = false;
        }
    }

    private void lost(IOException gone) {
        if (loss == null) {
            loss = gone;
            worker.order(FrameType.LOST, output -> {
                output.writeLong(number);
                output.writeUTF(String.valueOf(gone.getMessage()));
            });
        }
    }

    /** Returns whether the worker's bytes wait for the client. */
    boolean isWriting() {
        return writing;
    }

    /** Closes the connection if the worker's bytes wait for the client. */
    void unblock() {
        if (writing) {
            request.close();
        }
    }

    /** Throws why the last bytes could not be written, if that was so. */
    void throwLoss() throws IOException {
        if (loss != null) {
            throw loss;
        }
    }

    /** The worker is done with the connection. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }
}
