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
 * After a server has run out of heap, it accepts, its deadlines end silent connections, and no request or slot is lost.
 *
 * <p>The heap is really full: the server is a process of its own that fills it to the last bytes while connections
 * reach their deadlines and clients connect. A thrown {@code OutOfMemoryError} would not be the same, because it leaves
 * memory for what follows.
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
            // The process was killed.
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

    /** Connects clients until the server has freed its heap. */
    private void crowdUntilFreed() throws InterruptedException {
        while (answers.isEmpty()) {
            assertTrue(server.isAlive(), "the server's process has ended");
            try {
                Socket client = connect();
                client.getOutputStream().write('x');
            } catch (IOException rejected) {
                // Allowed while the heap is full.
            }
            Thread.sleep(20);
        }
        assertEquals("freed", answer());
    }

    @Test
    void afterHeapExhaustionNewClientsAreServedAndDeadlinesFire() throws Exception {
        assertEquals("BEFORE", ask("before"));
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < SILENT; i++) {
                connect();
            }
            command("fill");
            crowdUntilFreed();
            assertEquals("AFTER", ask("after"));
            // The end of input arrives before the socket's timeout.
            assertEquals(-1, connect().getInputStream().read());
            command("idle");
            assertEquals("idle", answer());
        }
        assertTrue(server.isAlive());
    }
}
