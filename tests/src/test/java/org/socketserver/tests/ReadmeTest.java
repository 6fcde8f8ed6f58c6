package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** What README.md tells people to paste works as it stands there; only ports and paths are made this test's own. */
class ReadmeTest {
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
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

    private static List<String> blocks(String language) {
        try {
            String readme = Files.readString(Path.of("..", "README.md"));
            Matcher fence =
                    Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$").matcher(readme);
            List<String> blocks = new ArrayList<>();
            while (fence.find()) {
                blocks.add(fence.group(1));
            }
            return blocks;
        } catch (IOException failure) {
            throw new AssertionError(failure);
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

    /** Compiles all Java of the README together, and runs one of its programs. */
    private Process run(String program) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("-Xlint:all", "-Werror", "-cp", CLASS_PATH, "-d", folder.toString()));
        for (String source : blocks("java")) {
            Matcher name = Pattern.compile("public final class (\\w+)").matcher(source);
            assertTrue(name.find(), source);
            Path file = folder.resolve(name.group(1) + ".java");
            arguments.add(Files.writeString(file, own(source)).toString());
        }
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)));
        return start(new ProcessBuilder(
                JAVA,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                folder + File.pathSeparator + CLASS_PATH,
                program));
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
    void theFirstServerShouts() throws IOException {
        run("Shout");
        assertEquals("HELLO\n", talk(new InetSocketAddress("127.0.0.1", tcpPort), StandardProtocolFamily.INET));
    }

    @Test
    void theSameHandlerShoutsOverAUnixSocket() throws IOException {
        run("ShoutHere");
        assertEquals(
                "HELLO\n",
                talk(UnixDomainSocketAddress.of(folder.resolve("shout.socket")), StandardProtocolFamily.UNIX));
    }

    @Test
    void theSameHandlerShoutsInWorkerProcesses() throws IOException {
        run("ShoutApart");
        assertEquals("HELLO\n", talk(new InetSocketAddress("127.0.0.1", tcpPort), StandardProtocolFamily.INET));
    }

    @Test
    void thePacketHandlerAnswersOverUdp() throws IOException {
        run("Answer");
        assertEquals("HI", ask(udpPort));
    }

    @Test
    void theSamePacketHandlerAnswersOverAUnixSocket() throws IOException {
        run("AnswerHere");
        Path path = folder.resolve("answer.socket");
        long began = System.nanoTime();
        String answer = null;
        while (answer == null) {
            // A new one each time: junixsocket closes a channel whose send is refused.
            try (AFUNIXDatagramChannel client = AFUNIXDatagramChannel.open()) {
                client.bind(AFUNIXSocketAddress.inAbstractNamespace("readme-" + tcpPort));
                client.send(ByteBuffer.wrap(new byte[] {'h', 'i'}), AFUNIXSocketAddress.of(path));
                ByteBuffer packet = ByteBuffer.allocate(100);
                client.receive(packet);
                answer = new String(packet.array(), 0, packet.position(), StandardCharsets.UTF_8);
            } catch (IOException notThereYet) {
                assertTrue(System.nanoTime() - began < PATIENCE_NANOS, notThereYet.toString());
                LockSupport.parkNanos(10_000_000);
            }
        }
        assertEquals("HI", answer);
    }

    @Test
    void oneHandlerEchoesOnTwoTransportsUntilEnter() throws Exception {
        Process program = run("EchoTwice");
        BufferedReader output = program.inputReader();
        assertEquals("echo at /127.0.0.1:" + bothPort, output.readLine());
        assertEquals("hello\n", talk(new InetSocketAddress("127.0.0.1", bothPort), StandardProtocolFamily.INET));
        assertEquals("hi", ask(bothPort));
        program.getOutputStream().write('\n');
        program.getOutputStream().flush();
        // A client sees the end before the server has closed its side: the stop may meet that request, and wait for it.
        String report = output.readLine();
        assertTrue(report.matches("ShutdownReport\\[drained=[01], forced=\\[], running=\\[]]"), report);
        assertEquals(0, program.waitFor());
    }

    static Stream<String> shellBlocks() {
        return blocks("sh").stream();
    }

    @ParameterizedTest
    @MethodSource("shellBlocks")
    void eachServeLineWorksWithTheClientsBesideIt(String block) throws Exception {
        Tools.require("socat");
        Tools.require("python3");
        List<String> lines = own(block).lines().toList();
        assertTrue(lines.get(0).startsWith("examples/run serve "), block);
        assertFalse(lines.size() < 2, block);
        Path run = Files.createDirectory(folder.resolve("examples")).resolve("run");
        Files.writeString(
                run,
                "#!/bin/sh\nexec '" + JAVA
                        + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp '"
                        + CLASS_PATH + "' org.socketserver.examples.cli.Main \"$@\"\n");
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
