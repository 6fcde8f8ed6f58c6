package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.internal.AddressText;
import org.socketserver.examples.CommandProcess;

class ServeProcessTest {
    @TempDir
    private Path folder;

    private static Socket connect(String address) throws IOException {
        InetSocketAddress server = AddressText.parse(address);
        Socket socket = new Socket(server.getAddress(), server.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends two numbers at once to the sleep handler; returns when it sleeps for the second, without reading. */
    private static BufferedReader keepBusy(Socket socket, int millis) throws IOException {
        socket.getOutputStream().write(("0\n" + millis + "\n").getBytes(StandardCharsets.US_ASCII));
        var answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        assertEquals("0", answers.readLine());
        return answers;
    }

    @Test
    void severalAddressesAreServedWithTheirOwnOptionsAndLayers() throws Exception {
        String path = folder.resolve("100%").toString().replace("%", "%25");
        try (var server = CommandProcess.start(
                "serve",
                "tcp://127.0.0.1:0?backlog=9",
                "udp://127.0.0.1:0",
                "unix:" + path + "?mode=600",
                "--handler=upper",
                "--tls-self-signed",
                "--stats=1h",
                "--max-total=7")) {
            String tcp = server.readyAddress("tcp");
            String udp = server.readyAddress("udp");
            String unix = server.readyAddress("unix");
            assertEquals(folder.resolve("100%").toString(), unix);
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("100%"))));
            Trust trust = Trust.ofEverybody(line -> {});
            for (Transport transport : List.of(Transport.TCP, Transport.UNIX)) {
                String address = transport == Transport.TCP ? tcp : unix;
                try (Client client = Client.connect(transport, address, trust, Client.PATIENCE)) {
                    assertEquals("HELLO", client.ask("hello"));
                }
            }
            try (Client client = Client.connect(Transport.UDP, udp)) {
                assertEquals("HELLO", client.ask("hello"));
            }
            server.signal("TERM");
            server.assertEnds(0);
            assertFalse(Files.exists(folder.resolve("100%")));
            assertTrue(server.errors().contains("stats: accepted 3, "), server.errors());
            assertEquals(1, server.errors().split("self-signed", -1).length - 1, server.errors());
        }
    }

    @Test
    void ifOneAddressIsTakenNoneIsServed() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var server = CommandProcess.start(
                        "serve", "unix:" + folder.resolve("s"), "tcp://127.0.0.1:" + other.getLocalPort())) {
            server.assertEnds(2);
            assertEquals(List.of(), server.remainingLines());
            assertFalse(Files.exists(folder.resolve("s")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theReadyLineIsTheOnlyOutputAndHasTheAddress(Transport transport) throws Exception {
        Path file = folder.resolve("s");
        String address = transport.isUnix() ? file.toString() : "127.0.0.1:0";
        try (var server = CommandProcess.start("serve", transport.toString(), address, "--handler", "pid")) {
            try (Client client = Client.connect(transport, server.readyAddress(transport.toString()))) {
                long pid = Long.parseLong(client.ask("who?"));
                assertTrue(ProcessHandle.of(pid).isPresent());
            }
            server.signal("TERM");
            server.assertEnds(0);
            assertEquals(List.of(), server.remainingLines());
            assertEquals("", server.errors());
            assertFalse(Files.exists(file));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"UNIX", "UNIX_DATAGRAM"})
    void aServerCanHaveAnAbstractName(Transport transport) throws Exception {
        String name = "@socketserver-test-" + ProcessHandle.current().pid() + transport.toString();
        try (var server = CommandProcess.start("serve", transport.toString(), name, "--handler", "upper")) {
            assertEquals(name, server.readyAddress(transport.toString()));
            try (Client client = Client.connect(transport, name)) {
                assertEquals("HELLO", client.ask("hello"));
            }
        }
    }

    @Test
    void theSocketFileHasTheGivenMode() throws Exception {
        Path file = folder.resolve("s");
        try (var server = CommandProcess.start("serve", "unix", file.toString(), "--mode", "600")) {
            server.readyAddress("unix");
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void afterASignalBusyRequestsFinishAndTheStatusIsZero(String signal) throws Exception {
        try (var server = CommandProcess.start("serve", "tcp", "127.0.0.1:0", "--handler", "sleep", "--grace", "20s");
                Socket socket = connect(server.readyAddress("tcp"))) {
            BufferedReader answers = keepBusy(socket, 500);
            server.signal(signal);
            assertEquals("500", answers.readLine());
            assertEquals(null, answers.readLine());
            server.assertEnds(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "threading"})
    void afterTheGracePeriodRequestsAreAbortedAndListedAndTheStatusIsOne(String mixIn) throws Exception {
        try (var server = CommandProcess.start(
                        "serve", "tcp", "127.0.0.1:0", "--handler=sleep", "--grace=100ms", "--mixin=" + mixIn);
                Socket socket = connect(server.readyAddress("tcp"))) {
            keepBusy(socket, 60_000);
            server.signal("TERM");
            server.assertEnds(1);
            String errors = server.errors();
            assertTrue(
                    errors.contains(" aborted a request at the end of the grace period: #1 from 127.0.0.1:"
                            + socket.getLocalPort()),
                    errors);
            assertEquals(1, errors.lines().count(), errors);
        }
    }

    /** The list is written 1 s after the abort, and the process ends at most 2 s after the grace period. */
    @Tag("quiet")
    @ParameterizedTest
    @ValueSource(strings = {"none", "threading"})
    void aHandlerThatIgnoresTheAbortIsListedAndDelaysNothing(String mixIn) throws Exception {
        String handler = "--handler=" + Stubborn.class.getName();
        try (var server = CommandProcess.start(
                        "serve", "tcp", "127.0.0.1:0", handler, "--grace=100ms", "--mixin=" + mixIn);
                Client client = Client.connect(Transport.TCP, server.readyAddress("tcp"))) {
            assertEquals("hello", client.ask("hello"));
            server.signal("TERM");
            server.assertEnds(1);
            String errors = server.errors();
            assertTrue(errors.startsWith("aborted, but still running: #1 from 127.0.0.1:"), errors);
            assertEquals(1, errors.lines().count(), errors);
        }
    }

    @Test
    void anIdleConnectionDoesNotDelayAStop() throws Exception {
        try (var server = CommandProcess.start("serve", "tcp", "127.0.0.1:0", "--handler", "sleep", "--grace", "20s");
                Socket socket = connect(server.readyAddress("tcp"))) {
            BufferedReader answers = keepBusy(socket, 1);
            assertEquals("1", answers.readLine());
            server.signal("TERM");
            assertEquals(null, answers.readLine());
            server.assertEnds(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSecondSignalEndsTheProcessAtOnceAndRemovesTheSocketFile(String signal) throws Exception {
        Path file = folder.resolve("s");
        String handler = "--handler=" + Stubborn.class.getName();
        try (var server = CommandProcess.start("serve", "unix", file.toString(), handler, "--grace", "50s");
                Client client = Client.connect(Transport.UNIX, server.readyAddress("unix"))) {
            assertEquals("hello", client.ask("hello"));
            server.signal(signal);
            assertFalse(server.endsWithin(200), "the first signal aborted the request");
            // Repeated, because the kernel merges pending signals of the same number.
            for (int round = 0; round < 20 && !server.endsWithin(200); round++) {
                server.signal(signal);
            }
            server.assertEnds(signal.equals("TERM") ? 143 : 130);
            assertFalse(Files.exists(file));
        }
    }

    @Test
    void anAddressInUseIsReportedInOneLineWithStatusTwo() throws Exception {
        Path file = folder.resolve("s");
        try (var first = CommandProcess.start("serve", "unix", file.toString())) {
            first.readyAddress("unix");
            try (var second = CommandProcess.start("serve", "unix", file.toString())) {
                second.assertEnds(2);
                assertEquals(List.of(), second.remainingLines());
                String errors = second.errors();
                assertTrue(errors.startsWith("examples/run serve: can't serve on unix " + file + ": "), errors);
                assertEquals(1, errors.lines().count(), errors);
            }
        }
    }

    @Test
    void requestsAreLoggedIfEnabled() throws Exception {
        try (var server = CommandProcess.start("serve", "tcp", "127.0.0.1:0", "--handler=upper", "--log-requests")) {
            String address = server.readyAddress("tcp");
            try (Client client = Client.connect(Transport.TCP, address)) {
                client.ask("hello");
            }
            server.signal("TERM");
            server.assertEnds(0);
            String errors = server.errors();
            String line = "[0-9T:.-]+Z tcp \\Q" + address
                    + "\\E #1 127\\.0\\.0\\.1:[0-9]+ done, 6 bytes in, 6 out, [0-9.]+ ms\\R";
            assertTrue(errors.matches(line), errors);
        }
    }

    @Test
    void aHandlerClassIsLoadedFromTheClassPath() throws Exception {
        Path source = Files.writeString(
                folder.resolve("Hi.java"),
                "public class Hi implements org.socketserver.api.RequestHandler<org.socketserver.api.Request> {"
                        + " public void handle(org.socketserver.api.Request r) throws Exception {"
                        + " r.output().write(\"hi\\n\".getBytes()); } }");
        int compiled = javax.tools.ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-cp", System.getProperty("java.class.path"), source.toString());
        assertEquals(0, compiled);
        try (var server = CommandProcess.start(
                "serve", "udp", "127.0.0.1:0", "--handler", "Hi", "--class-path", folder.toString())) {
            try (Client client = Client.connect(Transport.UDP, server.readyAddress("udp"))) {
                assertEquals("hi", client.ask("who?"));
            }
        }
    }
}
