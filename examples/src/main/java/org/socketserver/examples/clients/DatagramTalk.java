package org.socketserver.examples.clients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Sends each line of an input as a packet, line end included, and waits for its answer before the next. Packets that come
 * beside the answers are written as they are found. Runs on one thread.
 */
public final class DatagramTalk {
    private final DatagramClient client;
    private final Duration patience;

    /**
     * Makes a talk.
     *
     * @param client the socket; closed by the caller
     * @param patience how long to wait for each answer
     */
    public DatagramTalk(DatagramClient client, Duration patience) {
        this.client = client;
        this.patience = patience;
    }

    /**
     * Talks to the end of the input.
     *
     * @param input what to send
     * @param answers where the answers go, each on lines of its own
     * @throws SocketTimeoutException if lines were not answered in time; the others were sent nevertheless
     * @throws IOException if the server is not there, where the transport can tell
     */
    public void run(InputStream input, OutputStream answers) throws IOException {
        // One byte a character, so that any bytes go through unchanged.
        var lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.ISO_8859_1));
        int sent = 0;
        int unanswered = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            client.send((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
            sent++;
            Optional<byte[]> answer = client.receive(patience);
            if (answer.isEmpty()) {
                unanswered++;
            }
            while (answer.isPresent()) {
                write(answer.get(), answers);
                answer = client.receive(Duration.ZERO);
            }
        }
        if (unanswered > 0) {
            throw new SocketTimeoutException(
                    "no answer in " + patience.toMillis() + " ms to " + unanswered + " of " + sent + " packets");
        }
    }

    private static void write(byte[] answer, OutputStream answers) throws IOException {
        answers.write(answer);
        if (answer.length == 0 || answer[answer.length - 1] != '\n') {
            answers.write('\n');
        }
        answers.flush();
    }
}
