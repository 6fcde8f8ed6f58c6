package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** The examples in README.md and docs/command-line.md work as printed. Only ports and paths are replaced. */
class ReadmeTest {
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final List<Process> processes = new ArrayList<>();
    private final int tcpPort = freePort();
    private final int udpPort = freePort();
    private final int bothPort = freePort();
    private Path folder = Path.of("");

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("readme");
    }

    @AfterEach
    void cleanUp() throws IOException {
        processes.forEach(Process::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private String own(String text) {
        return text.replace("8087", "" + tcpPort)
                .replace("8088", "" + udpPort)
                .replace("8089", "" + bothPort)
                .replace("/tmp/", folder + "/")
                .replace("@shout", "@shout-" + tcpPort)
                .replace("abstract-connect:shout", "abstract-connect:shout-" + tcpPort);
    }

    private Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        processes.add(process);
        return process;
    }

    /** Compiles all Java of the README and runs one of its programs. */
    private Process run(String program) throws IOException {
        Snippets.compile(Snippets.write(Snippets.README, folder, this::own), folder);
        return start(Snippets.java(folder, program));
    }

    /** Compiles and runs the first server with one of the README's diffs applied. */
    private Process runPatched(String added) throws IOException {
        String source = Snippets.blocks(Snippets.README, "java").get(0);
        String diff = Snippets.blockWith(Snippets.README, "diff", added);
        Path file = Files.writeString(folder.resolve("Shout.java"), own(Snippets.patched(source, diff)));
        Snippets.compile(List.of(file), folder);
        return start(Snippets.java(folder, "Shout"));
    }

    private static String programWith(String text) {
        return Snippets.programWith(Snippets.README, text);
    }

    private InetSocketAddress tcp() {
        return new InetSocketAddress("127.0.0.1", tcpPort);
    }

    private static String talk(SocketAddress server, StandardProtocolFamily family) throws IOException {
        long began = System.nanoTime();
        while (true) {
            try (SocketChannel client = SocketChannel.open(family)) {
                client.connect(server);
                client.write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.UTF_8)));
                client.shutdownOutput();
                return new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException notThereYet) {
                if (System.nanoTime() - began > PATIENCE_NANOS) {
                    throw notThereYet;
                }
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private static String ask(int port) throws IOException {
        try (DatagramSocket client = new DatagramSocket()) {
            client.setSoTimeout(200);
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            for (long began = System.nanoTime(); System.nanoTime() - began < PATIENCE_NANOS; ) {
                client.send(new DatagramPacket(
                        new byte[] {'h', 'i'}, 2, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
                try {
                    client.receive(answer);
                    return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
                } catch (IOException notThereYet) {
                    continue;
                }
            }
            throw new AssertionError("no answer from " + port);
        }
    }

    @Test
    void theFirstServerShoutsAndASignalStopsItGracefully() throws Exception {
        Process program = run("Shout");
        assertEquals("HELLO\n", talk(tcp(), StandardProtocolFamily.INET));
        assertASignalStopsItGracefully(program, tcp());
    }

    /** Sends SIGTERM between an idle client and one in the middle of a line. */
    private static void assertASignalStopsItGracefully(Process program, SocketAddress server) throws Exception {
        try (SocketChannel idle = SocketChannel.open(server);
                SocketChannel busy = SocketChannel.open(server)) {
            BufferedReader answers = new BufferedReader(Channels.newReader(busy, StandardCharsets.UTF_8));
            BufferedReader none = new BufferedReader(Channels.newReader(idle, StandardCharsets.UTF_8));
            write(busy, "hello\n");
            assertEquals("HELLO", answers.readLine());
            write(busy, "good");
            write(idle, "bye\n");
            assertEquals("BYE", none.readLine());
            program.destroy();
            assertNull(none.readLine(), "expected the end of the connection, not a reset");
            write(busy, "bye\n");
            assertEquals("GOODBYE", answers.readLine());
            assertNull(answers.readLine());
        }
        assertEquals(128 + 15, program.waitFor(), "ended by SIGTERM");
    }

    private static void write(SocketChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theSameHandlerShoutsOverAUnixSocketAndRemovesItsFileAfterASignal() throws Exception {
        Process program = runPatched("UnixStreamServer");
        SocketAddress socket = UnixDomainSocketAddress.of(folder.resolve("shout.socket"));
        assertEquals("HELLO\n", talk(socket, StandardProtocolFamily.UNIX));
        assertASignalStopsItGracefully(program, socket);
        assertFalse(Files.exists(folder.resolve("shout.socket")));
    }

    @Test
    void theSameHandlerShoutsInWorkerProcessesAndASignalStopsItGracefully() throws Exception {
        Process program = runPatched("ForkingMixIn");
        assertEquals("HELLO\n", talk(tcp(), StandardProtocolFamily.INET));
        assertASignalStopsItGracefully(program, tcp());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void threeServersAnswerOverUdpUnixAndTcpUntilEnterOrASignal(boolean signal) throws Exception {
        Process program = run(programWith("Servers.of"));
        assertEquals("HI", ask(udpPort));
        assertEquals("hello\n", talk(new InetSocketAddress("127.0.0.1", bothPort), StandardProtocolFamily.INET));
        assertEquals("HI", askOverUnix(folder.resolve("answer.socket")));
        if (signal) {
            program.destroy();
        } else {
            pressEnter(program);
        }
        assertEquals(signal ? 128 + 15 : 0, program.waitFor());
        assertFalse(Files.exists(folder.resolve("answer.socket")));
    }

    private String askOverUnix(Path path) {
        long began = System.nanoTime();
        while (true) {
            // A new channel each time, because junixsocket closes a channel whose send is refused.
            try (AFUNIXDatagramChannel client = AFUNIXDatagramChannel.open()) {
                client.bind(AFUNIXSocketAddress.inAbstractNamespace("readme-" + tcpPort));
                client.send(ByteBuffer.wrap(new byte[] {'h', 'i'}), AFUNIXSocketAddress.of(path));
                ByteBuffer packet = ByteBuffer.allocate(100);
                client.receive(packet);
                return new String(packet.array(), 0, packet.position(), StandardCharsets.UTF_8);
            } catch (IOException notThereYet) {
                assertTrue(System.nanoTime() - began < PATIENCE_NANOS, notThereYet.toString());
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private static void pressEnter(Process program) throws IOException {
        program.getOutputStream().write('\n');
        program.getOutputStream().flush();
    }

    @Test
    void aHandlerWithSharedStateCountsAllVisits() throws Exception {
        Process program = run(programWith("AtomicLong"));
        assertEquals("visit 1\n", talk(tcp(), StandardProtocolFamily.INET));
        assertEquals("visit 2\n", talk(tcp(), StandardProtocolFamily.INET));
        program.destroy();
        assertEquals(128 + 15, program.waitFor(), "ended by SIGTERM");
    }

    @Test
    void aServerWithLimitsReportsItsShutdown() throws Exception {
        Process program = run(programWith("Limits.NONE"));
        assertEquals("HELLO\n", talk(tcp(), StandardProtocolFamily.INET));
        pressEnter(program);
        BufferedReader output = program.inputReader();
        // A client sees the end before the server has closed its side, so the stop may still find that request and wait
        // for it.
        String report = output.readLine();
        assertTrue(report.matches("ShutdownReport\\[drained=[01], forced=\\[], running=\\[]]"), report);
        String stats = output.readLine();
        assertTrue(stats.startsWith("accepted 1, active 0,"), stats);
        assertEquals(0, program.waitFor());
    }

    @Test
    void aSignalStopsAServerWithLimitsGracefully() throws Exception {
        Process program = run(programWith("Limits.NONE"));
        assertEquals("HELLO\n", talk(tcp(), StandardProtocolFamily.INET));
        assertASignalStopsItGracefully(program, tcp());
    }

    @Test
    void aServerIsTestedOnAnEphemeralPort() throws Exception {
        assertEquals(0, run(programWith("assertEquals")).waitFor());
    }

    static Stream<String> shellBlocks() {
        return Snippets.blocks(Snippets.ROOT.resolve("docs/command-line.md"), "sh").stream();
    }

    @ParameterizedTest
    @MethodSource("shellBlocks")
    void eachServeLineWorksWithItsClients(String block) throws Exception {
        Tools.require("socat");
        Tools.require("python3");
        List<String> lines = own(block).replace("\\\n", "").lines().toList();
        assertTrue(lines.get(0).startsWith("examples/run serve "), block);
        assertFalse(lines.size() < 2, block);
        Path run = Files.createDirectory(folder.resolve("examples")).resolve("run");
        Files.writeString(
                run,
                "#!/bin/sh\nexec '"
                        + String.join(
                                "' '",
                                Snippets.java(folder, "org.socketserver.examples.cli.Main")
                                        .command())
                        + "' \"$@\"\n");
        assertTrue(run.toFile().setExecutable(true));
        Process server = start(shell("exec " + lines.get(0)));
        String ready = server.inputReader().readLine();
        assertTrue(ready != null && ready.startsWith("ready "), "" + ready);
        for (String line : lines.subList(1, lines.size())) {
            String[] parts = line.split("\\s+# ");
            Process client = start(shell(parts[0]));
            assertEquals(
                    parts[1], new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip(), line);
            assertEquals(0, client.waitFor(), line);
        }
        server.destroy();
        assertEquals(0, server.waitFor(), "stopped gracefully");
    }

    private ProcessBuilder shell(String line) {
        return new ProcessBuilder("bash", "-c", line).directory(folder.toFile());
    }
}
