package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Clients that send several times as much as the heap of a server can hold stop neither the server nor other clients.
 */
class MemoryFloodTest {
    private static final int CLIENTS = 2_000;
    private static final int PACKETS = 3_000;

    private Process server;
    private BufferedReader output;
    private InetSocketAddress tcp;
    private InetSocketAddress udp;
    private final List<SocketChannel> open = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FloodedServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        output = server.inputReader();
        String[] ports = output.readLine().split(" ");
        tcp = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ports[0]));
        udp = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ports[1]));
    }

    @AfterEach
    void end() throws IOException {
        server.destroyForcibly();
        for (SocketChannel client : open) {
            client.close();
        }
    }

    private String stats() throws IOException {
        server.getOutputStream().write('\n');
        server.getOutputStream().flush();
        return output.readLine();
    }

    private String ask(String line) throws IOException {
        try (Socket client = new Socket(tcp.getAddress(), tcp.getPort())) {
            client.setSoTimeout(20_000);
            client.getOutputStream().write((line + '\n').getBytes(StandardCharsets.US_ASCII));
            return new String(client.getInputStream().readNBytes(line.length()), StandardCharsets.US_ASCII);
        }
    }

    private void assertASignalEndsIt() throws InterruptedException {
        server.destroy();
        assertTrue(server.waitFor(20, TimeUnit.SECONDS), "the process has not ended");
        assertEquals(143, server.exitValue());
    }

    @Test
    void endlessLinesOfThousandsOfClients() throws Exception {
        byte[] part = "x".repeat(65_000).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < CLIENTS; i++) {
            SocketChannel client = SocketChannel.open(tcp);
            open.add(client);
            try {
                client.write(ByteBuffer.wrap(part));
            } catch (IOException chosen) {
                // The server has ended it already.
            }
            if (i % 200 == 0) {
                assertEquals("INNOCENT", ask("innocent"));
            }
        }
        assertEquals("MEANWHILE", ask("meanwhile"));
        for (SocketChannel client : open) {
            client.close();
        }
        assertEquals("AFTERWARDS", ask("afterwards"));
        int ended = Integer.parseInt(stats().split(" ")[0]);
        assertTrue(ended > CLIENTS / 2, ended + " connections ended");
        assertASignalEndsIt();
    }

    @Test
    void largePacketsForSlowHandlers() throws Exception {
        try (DatagramSocket client = new DatagramSocket()) {
            client.connect(udp);
            client.setSoTimeout(500);
            DatagramPacket large = new DatagramPacket(new byte[60_000], 60_000);
            for (int i = 0; i < PACKETS; i++) {
                client.send(large);
                // Gives the server a chance to receive them.
                Thread.sleep(i % 10 == 0 ? 1 : 0);
            }
            assertEquals("SMALL", askPacket(client));
            // Datagrams leave half of the budget to connections.
            assertEquals("X".repeat(60_000), ask("x".repeat(60_000)));
        }
        int dropped = Integer.parseInt(stats().split(" ")[1]);
        assertTrue(dropped > 0, "no datagram was dropped");
        assertASignalEndsIt();
    }

    private static String askPacket(DatagramSocket client) throws IOException {
        byte[] small = "small".getBytes(StandardCharsets.US_ASCII);
        DatagramPacket answer = new DatagramPacket(new byte[65_000], 65_000);
        for (int attempt = 0; attempt < 40; attempt++) {
            client.send(new DatagramPacket(small, small.length));
            try {
                client.receive(answer);
                if (answer.getLength() == small.length) {
                    return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
                }
            } catch (SocketTimeoutException lost) {
                // The kernel may drop it while the server is busy.
            }
        }
        return "no answer";
    }
}
