package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.examples.CommandProcess;
import org.socketserver.examples.TestCertificate;

class DemoProcessTest {
    @TempDir
    private Path folder;

    @Test
    void udpEchoSendsPacketsBackUntilASignal() throws Exception {
        try (var demo = start("udp-echo");
                Client client = Client.connect(Transport.UDP, demo.readyAddress("udp"))) {
            assertEquals("hello", client.ask("hello"));
            demo.signal("TERM");
            demo.assertEnds(143);
            assertEquals("", demo.errors());
        }
    }

    @Test
    void unixEchoSendsBytesBackAndRemovesItsFile() throws Exception {
        Path file = folder.resolve("echo.sock");
        try (var demo = CommandProcess.start("demo", "unix-echo", file.toString())) {
            try (Client client = Client.connect(Transport.UNIX, demo.readyAddress("unix"))) {
                assertEquals("hello", client.ask("hello"));
            }
            demo.signal("TERM");
            demo.assertEnds(143);
            assertFalse(Files.exists(file));
        }
    }

    private static CommandProcess start(String demo) throws IOException {
        return CommandProcess.start("demo", demo, "127.0.0.1:0");
    }

    private static Socket connect(String address) throws IOException {
        Socket socket = new Socket("127.0.0.1", Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String answer(Socket socket, byte[] sent, int length) throws IOException {
        socket.getOutputStream().write(sent);
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    @Test
    void shoutAnswersTextWithoutALineEnd() throws Exception {
        try (var demo = start("shout");
                Socket client = connect(demo.readyAddress("tcp"))) {
            assertEquals("HELLO", answer(client, "hello".getBytes(StandardCharsets.UTF_8), 5));
            assertEquals("YOU\nALL", answer(client, "you\nall".getBytes(StandardCharsets.UTF_8), 7));
        }
    }

    @Test
    void shoutDecodesACharacterThatArrivesInTwoReads() throws Exception {
        try (var demo = start("shout");
                Socket client = connect(demo.readyAddress("tcp"))) {
            byte[] text = "a\u00e4\u20ac\ud801\udc28b".getBytes(StandardCharsets.UTF_8);
            var answers = new ByteArrayOutputStream();
            for (byte part : text) {
                client.getOutputStream().write(part);
                // Only complete characters are answered. An ASCII answer means that the previous bytes were read.
                if (part >= 0) {
                    answers.write(client.getInputStream().read());
                }
            }
            answers.writeBytes(client.getInputStream().readNBytes(text.length - answers.size()));
            assertEquals("A\u00c4\u20ac\ud801\udc00B", answers.toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void shoutPrintsEachNewConnection() throws Exception {
        try (var demo = start("shout")) {
            String address = demo.readyAddress("tcp");
            for (int i = 0; i < 2; i++) {
                try (Socket client = connect(address)) {
                    assertEquals("new connection from 127.0.0.1:" + client.getLocalPort(), demo.line());
                }
            }
        }
    }

    @Test
    void consoleAnswersAndLogsEachMessageWithItsSender() throws Exception {
        try (var demo = start("console");
                Socket client = connect(demo.readyAddress("tcp"))) {
            String sender = "127.0.0.1:" + client.getLocalPort() + " ";
            String one = sender + "hello\n";
            assertEquals(one, answer(client, "hello".getBytes(StandardCharsets.UTF_8), one.length()));
            String two = sender + "one\n" + sender + "two\n";
            assertEquals(two, answer(client, "one\ntwo\n".getBytes(StandardCharsets.UTF_8), two.length()));
            demo.awaitError("INFO echo: " + sender + "hello");
            demo.awaitError("INFO echo: " + sender + "two");
        }
    }

    @Test
    void quitEndsOnlyTheClientsOwnConnectionToTheConsole() throws Exception {
        try (var demo = start("console")) {
            String address = demo.readyAddress("tcp");
            try (Socket leaves = connect(address);
                    Client stays = Client.connect(Transport.TCP, address)) {
                assertEquals("", answer(leaves, "quit\n".getBytes(StandardCharsets.UTF_8), 1));
                assertTrue(stays.ask("hello").endsWith(" hello"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"console", "chat"})
    void theOperatorListsRequestsAndThreadsAndQuits(String name) throws Exception {
        try (var demo = start(name);
                Client client = Client.connect(Transport.TCP, demo.readyAddress("tcp"))) {
            assertTrue(client.ask("hello").matches("127\\.0\\.0\\.1:[0-9]+ hello"));
            demo.type("list\nwhat\nquit\n");
            demo.assertEnds(0);
            List<String> lines = demo.remainingLines();
            assertEquals(">>> requests: 1", lines.get(0));
            assertTrue(lines.get(1).startsWith("  #1 from 127.0.0.1:"), lines::toString);
            assertTrue(lines.get(2).startsWith("platform threads: "), lines::toString);
            assertTrue(lines.contains("  main"), lines::toString);
            assertTrue(lines.contains(">>> list or quit?"), lines::toString);
            assertEquals(">>> stopped", lines.get(lines.size() - 1));
            assertThrows(EOFException.class, () -> client.ask("still there?"));
        }
    }

    @Test
    void consoleStopsAtTheEndOfItsInput() throws Exception {
        try (var demo = start("console")) {
            demo.readyAddress("tcp");
            demo.endInput();
            demo.assertEnds(0);
        }
    }

    /** Starts a demo with TLS. The file of its authority is {@code ca.pem}. */
    private CommandProcess startTls(String demo) throws Exception {
        TestCertificate authority = TestCertificate.authority("authority");
        authority.write(folder, "ca");
        Path certificate = authority.issueLocal("localhost").write(folder, "server");
        return CommandProcess.start(
                "demo",
                demo,
                "127.0.0.1:0",
                certificate.toString(),
                folder.resolve("server.key").toString());
    }

    private Client connectTls(String address) throws Exception {
        Trust trust = Trust.of(folder.resolve("ca.pem"));
        return Client.connect(Transport.TCP, address, trust, Client.PATIENCE);
    }

    @Test
    void theChatRoomOverTlsSendsTextToAllMembers() throws Exception {
        try (var demo = startTls("chat-tls")) {
            String address = demo.readyAddress("tcp");
            try (Client one = connectTls(address)) {
                assertTrue(one.ask("hello").endsWith(" hello"));
                try (Client other = connectTls(address)) {
                    assertTrue(other.ask("good morning").endsWith(" good morning"));
                    String heard = new String(one.receive(Client.PATIENCE).orElseThrow(), StandardCharsets.UTF_8);
                    assertTrue(heard.endsWith(" good morning\n"), heard);
                }
            }
            demo.type("quit\n");
            demo.assertEnds(0);
        }
    }

    /** A client that can switch to TLS. */
    private static String ask(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        var answer = new ByteArrayOutputStream();
        for (int next = socket.getInputStream().read();
                next != '\n';
                next = socket.getInputStream().read()) {
            assertTrue(next >= 0, answer::toString);
            answer.write(next);
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    @Test
    void startTlsSwitchesToTlsOnTheSamePort() throws Exception {
        try (var demo = startTls("start-tls");
                Socket plain = connect(demo.readyAddress("tcp"))) {
            String client = "127.0.0.1:" + plain.getLocalPort();
            assertEquals("starttls whoami quit", ask(plain, "capabilities"));
            assertEquals(client + " in plain text", ask(plain, "whoami"));
            assertEquals("ok: begin TLS", ask(plain, "starttls"));
            Trust trust = Trust.of(folder.resolve("ca.pem"));
            Socket secret = trust.context().getSocketFactory().createSocket(plain, "localhost", 0, true);
            assertEquals("whoami quit", ask(secret, "capabilities"));
            assertEquals(client + " over TLSv1.3", ask(secret, "whoami"));
            assertEquals("no: already over TLS", ask(secret, "starttls"));
            assertEquals("HELLO", ask(secret, "hello"));
            assertEquals("bye", ask(secret, "quit"));
            assertEquals(-1, secret.getInputStream().read());
        }
    }

    @Test
    void startTlsRefusesPlainTextThatWasSentAhead() throws Exception {
        try (var demo = startTls("start-tls");
                Socket plain = connect(demo.readyAddress("tcp"))) {
            assertEquals("ok: begin TLS", ask(plain, "starttls\nwhoami"));
            assertEquals(-1, plain.getInputStream().read());
            demo.awaitError("in plain text that belong after the handshake");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shout", "console", "chat", "fragile"})
    void aSignalEndsConnectionsCleanlyAndThenTheProcess(String name) throws Exception {
        try (var demo = start(name);
                Socket client = connect(demo.readyAddress("tcp"))) {
            client.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
            assertTrue(client.getInputStream().read() > 0);
            demo.signal("TERM");
            // A reset would be an exception.
            client.getInputStream().readAllBytes();
            demo.assertEnds(143);
        }
    }

    @Test
    void fragileSurvivesAnExitAndAFullHeapInItsWorkers() throws Exception {
        try (var demo = start("fragile")) {
            String address = demo.readyAddress("tcp");
            for (String death : List.of("exit", "memory")) {
                try (Client client = Client.connect(Transport.TCP, address)) {
                    assertThrows(IOException.class, () -> client.ask(death));
                }
            }
            try (Client client = Client.connect(Transport.TCP, address)) {
                assertTrue(client.ask("hello").matches("[0-9]+ hello"));
            }
        }
    }
}
