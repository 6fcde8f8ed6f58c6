package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/** A process that cannot start another thread closes the client that needed it, keeps all others, and recovers. */
class ThreadExhaustionTest {
    /** Address space in KB: enough for the JVM and some stacks of 64 MB, but not for all. */
    private static final int SPACE = 4_000_000;

    private static final int CLIENTS = 100;

    /** The server's process. Answers each line of its input with counts of requests and slots. */
    static final class Server {
        private Server() {}

        public static void main(String[] arguments) throws IOException {
            Logger.getLogger("org.socketserver").setLevel(Level.OFF);
            ThreadingMixIn threading = new ThreadingMixIn(ThreadKind.PLATFORM);
            // No deadline, so that the sweeper does not exist before a client is closed.
            ServerOptions options = ServerOptions.DEFAULTS.deadline(Deadline.WRITE, Duration.ZERO);
            try (TcpServer server =
                    new TcpServer(Transport.LOOPBACK, HandlerSource.ofFunction(Handlers.UPPER::handle), options)) {
                server.mixIn(threading);
                server.start();
                System.out.println("port " + server.address().getPort());
                BufferedReader input = reader(System.in);
                while (input.readLine() != null) {
                    System.out.println("counts " + server.stats().ended(RequestOutcome.FAILED) + " "
                            + server.stats().active() + " " + threading.active());
                }
            }
            System.out.println("end");
        }
    }

    private static BufferedReader reader(InputStream input) {
        return new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    }

    private static Process start() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        "bash",
                        "-c",
                        "ulimit -v " + SPACE + " && exec \"$@\"",
                        "bash",
                        java,
                        "-Xss64m",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:ReservedCodeCacheSize=48m",
                        "-XX:CompressedClassSpaceSize=64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Server.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Returns the rest of the next line that begins with the given word. The JVM may print warnings in between. */
    private static String after(String word, BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(word)) {
                return line.substring(word.length()).strip();
            }
        }
        throw new AssertionError("the server exited before printing " + word);
    }

    @Test
    void withoutAThreadARequestIsClosedItsSlotIsReturnedAndOthersContinue() throws Exception {
        assumeTrue(System.getProperty("os.name").startsWith("Linux"), "needs a limit of address space");
        Tools.require("bash");
        Process process = start();
        // A read from a process cannot be interrupted, but it ends with the process.
        ServingTest.inBackground(() -> {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        });
        try (PrintStream ask = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
                BufferedReader lines = reader(process.getInputStream())) {
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(after("port", lines)));
            List<StreamClient> served = new ArrayList<>();
            int closed = 0;
            for (int i = 0; i < CLIENTS; i++) {
                StreamClient client = new StreamClient(SocketChannel.open(address));
                if (isServed(client)) {
                    served.add(client);
                } else {
                    closed++;
                    client.close();
                }
            }
            assertTrue(closed > 0 && served.size() > 1, served.size() + " served, " + closed + " closed");
            for (StreamClient client : served) {
                assertEquals("STILL HERE", client.ask("still here"));
            }
            ask.println("counts");
            assertEquals(closed + " " + served.size() + " " + served.size(), after("counts", lines));
            for (StreamClient client : served) {
                client.close();
            }
            awaitService(address);
            process.getOutputStream().close();
            assertEquals("", after("end", lines), "the server stops without waiting");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static boolean isServed(StreamClient client) {
        try {
            return "HELLO".equals(client.ask("hello"));
        } catch (IOException closed) {
            return false;
        }
    }

    /** Waits until the threads of closed clients have ended. The test's timeout bounds this. */
    private static void awaitService(InetSocketAddress address) throws IOException {
        boolean served = false;
        while (!served) {
            try (StreamClient client = new StreamClient(SocketChannel.open(address))) {
                served = isServed(client);
            }
        }
    }
}
