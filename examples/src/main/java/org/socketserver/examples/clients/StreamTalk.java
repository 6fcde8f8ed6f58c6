package org.socketserver.examples.clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Carries input to a stream server and its answers to an output, until the server ends the connection.
 *
 * <p>When the input has ended, so does what is sent (half-close); from then on the server may be silent no longer than a
 * given time. The calling thread receives, a daemon thread sends: it can't be woken while it reads a terminal, so it is
 * left behind when the server ends first.
 */
public final class StreamTalk {
    private final StreamClient client;
    private final Duration patience;
    private volatile @Nullable Deadline deadline;
    private volatile @Nullable IOException inputFailure;

    /**
     * Makes a talk.
     *
     * @param client the connection; closed by the caller
     * @param patience how long the server may be silent once the input has ended
     */
    public StreamTalk(StreamClient client, Duration patience) {
        this.client = client;
        this.patience = patience;
    }

    /**
     * Talks to the end.
     *
     * @param input what to send
     * @param answers where what comes goes
     * @throws SocketTimeoutException if the server was silent for too long
     * @throws IOException if the connection is lost
     */
    public void run(InputStream input, OutputStream answers) throws IOException {
        Thread sender = new Thread(() -> send(input), "talk");
        sender.setDaemon(true);
        sender.start();
        try {
            for (ByteBuffer bytes = client.receive(); bytes.hasRemaining(); bytes = client.receive()) {
                answers.write(bytes.array(), bytes.position(), bytes.remaining());
                answers.flush();
                bytes.position(bytes.limit());
                Deadline running = deadline;
                if (running != null) {
                    running.restart();
                }
            }
        } catch (IOException lost) {
            checkDeadline();
            throw lost;
        }
        checkDeadline();
    }

    private void checkDeadline() throws IOException {
        IOException failure = inputFailure;
        if (failure != null) {
            throw failure;
        }
        Deadline running = deadline;
        if (running != null) {
            running.close();
            if (running.isExpired()) {
                throw new SocketTimeoutException(
                        "the server sent nothing for " + patience.toMillis() + " ms, and did not end the connection");
            }
        }
    }

    private void send(InputStream input) {
        byte[] buffer = new byte[8192];
        try {
            for (int count = read(input, buffer); count >= 0; count = read(input, buffer)) {
                client.send(ByteBuffer.wrap(buffer, 0, count));
            }
            client.endOutput();
        } catch (IOException serverHasGone) {
            // The receiving side says what happened: an end, or a lost connection.
            return;
        }
        deadline = new Deadline(client, patience);
    }

    private int read(InputStream input, byte[] buffer) {
        try {
            return input.read(buffer);
        } catch (IOException failure) {
            inputFailure = failure;
            return -1;
        }
    }
}
