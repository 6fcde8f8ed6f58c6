package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * After the heap of a server's process was full, the server accepts, its deadlines end silent connections, and no
 * request or slot is lost.
 *
 * <p>The heap is really full: the server is a process of its own that fills it to the last bytes, while connections
 * reach their deadlines and clients connect. An {@code OutOfMemoryError} that a test throws is not the same, because it
 * leaves memory for what follows.
 */
class HeapExhaustionTest {
    private static final int SILENT = 20;
    private static final int SOON_MILLIS = 5_000;

    private Process server;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final List<Socket> open = new ArrayList<>();
    private int port;

    @BeforeEach
    void start() throws Exception {
        server = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Xmx48m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HeapStarvedServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Thread reader = new Thread(this::readAnswers, "answers of " + server.pid());
        reader.setDaemon(true);
        reader.start();
        port = Integer.parseInt(answer().substring("ready ".length()));
    }

    private void readAnswers() {
        try (var lines = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(answers::add);
        } catch (IOException | RuntimeException ended) {
            // Nothing more to read.
        }
    }

    private void command(String line) throws IOException {
        server.getOutputStream().write((line + '\n').getBytes(StandardCharsets.US_ASCII));
        server.getOutputStream().flush();
    }

    private String answer() throws InterruptedException {
        String answer = answers.poll(30, TimeUnit.SECONDS);
        assertNotNull(answer, "the server's process has ended or hangs");
        return answer;
    }

    @AfterEach
    void close() throws IOException {
        for (Socket one : open) {
            one.close();
        }
        server.destroyForcibly().onExit().join();
    }

    private Socket connect() throws IOException {
        Socket client = new Socket();
        open.add(client);
        client.connect(new InetSocketAddress("127.0.0.1", port), SOON_MILLIS);
        client.setSoTimeout(SOON_MILLIS);
        return client;
    }

    private String ask(String line) throws IOException {
        try (Socket client = connect()) {
            client.getOutputStream().write((line + '\n').getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    /** Clients come while nothing can be done for them. */
    private void crowdUntilFreed() throws InterruptedException {
        while (answers.isEmpty()) {
            assertTrue(server.isAlive(), "the server's process has ended");
            try {
                Socket client = connect();
                client.getOutputStream().write('x');
            } catch (IOException rejected) {
                // It may do that now.
            }
            Thread.sleep(20);
        }
        assertEquals("freed", answer());
    }

    @Test
    void afterTheHeapWasFullNewClientsAreServedAndDeadlinesFire() throws Exception {
        assertEquals("BEFORE", ask("before"));
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < SILENT; i++) {
                connect();
            }
            command("fill");
            crowdUntilFreed();
            assertEquals("AFTER", ask("after"));
            // A read of the end of input, which comes within the time that the socket waits.
            assertEquals(-1, connect().getInputStream().read());
            command("idle");
            assertEquals("idle", answer());
        }
        assertTrue(server.isAlive());
    }
}
