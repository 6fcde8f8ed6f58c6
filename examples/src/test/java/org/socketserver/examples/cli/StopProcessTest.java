package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.examples.CommandProcess;

/** The process of the command line ends in time, whatever hangs. */
class StopProcessTest {
    /** The limit of 2 s, and a reserve for a busy machine; without the limit, these processes never end. */
    private static final int MAX_SECONDS = 6;

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("s");
    }

    @Test
    void aShutdownByAHandlerEndsTheProcessWithStatusZero() throws Exception {
        try (var server = CommandProcess.start(
                        "serve", "unix", file().toString(), "--handler=" + Ending.class.getName());
                Client client = Client.connect(Transport.UNIX, server.readyAddress("unix"))) {
            assertEquals("shutdown", client.ask("shutdown"));
            server.assertEnds(0);
            assertFalse(Files.exists(file()));
            assertEquals("", server.errors());
        }
    }

    @Test
    void aFullHeapEndsTheProcessAndTheNextStartReplacesTheSocketFile() throws Exception {
        String[] command = {"serve", "unix", file().toString(), "--handler=" + Ending.class.getName()};
        try (var server = CommandProcess.start(command);
                Client client = Client.connect(Transport.UNIX, server.readyAddress("unix"))) {
            assertThrows(IOException.class, () -> client.ask("memory"));
            server.assertEnds(3);
        }
        assertTrue(Files.exists(file()));
        try (var server = CommandProcess.start(command);
                Client client = Client.connect(Transport.UNIX, server.readyAddress("unix"))) {
            assertEquals("shutdown", client.ask("shutdown"));
            server.assertEnds(0);
        }
    }

    @Test
    void asALameDuckItContinuesToAcceptForTheGivenTimeAfterASignal() throws Exception {
        try (var server =
                CommandProcess.start("serve", "tcp", "127.0.0.1:0", "--lame-duck=1500ms", "--handler=upper")) {
            String address = server.readyAddress("tcp");
            long began = System.nanoTime();
            server.signal("TERM");
            assertEquals("not ready tcp " + address, server.line());
            try (Client client = Client.connect(Transport.TCP, address)) {
                assertEquals("HELLO", client.ask("hello"));
            }
            server.assertEnds(0);
            assertTrue(System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(1_500));
        }
    }

    @Test
    void theLimitIsLameDuckGracePeriodAndTwoSeconds() {
        assertEquals(Duration.ofSeconds(2), ServeRun.MAX);
        Duration limit = ServeRun.limit(Duration.ofSeconds(30), Duration.ofSeconds(7));
        Duration atMost = Duration.ofSeconds(30 + 7 + 2);
        assertTrue(limit.plus(ServeRun.LAST).compareTo(atMost) < 0, limit.toString());
        assertTrue(limit.compareTo(atMost.minusMillis(500)) > 0, limit.toString());
    }

    @Test
    void aRecordingThatHangsIsReportedAsLost() throws Exception {
        Path recording = folder.resolve("it.jfr");
        try (var server = CommandProcess.start(
                "serve",
                "unix",
                file().toString(),
                "--grace=200ms",
                "--jfr=" + recording,
                "--handler=" + Ending.class.getName())) {
            try (Client client = Client.connect(Transport.UNIX, server.readyAddress("unix"))) {
                assertEquals("record", client.ask("record"));
            }
            server.signal("TERM");
            server.assertEndsWithin(TimeUnit.SECONDS.toMillis(MAX_SECONDS), 1);
            String lost = "stop took too long, process ended while the server was stopping; lost: the recording ";
            assertEquals(lost + recording + "\n", server.errors());
            assertFalse(Files.exists(file()));
        }
    }

    @Test
    void aHookThatHangsDoesNotKeepTheProcessAlive() throws Exception {
        try (var server = CommandProcess.start(
                        "serve", "unix", file().toString(), "--grace=200ms", "--handler=" + Ending.class.getName());
                Client client = Client.connect(Transport.UNIX, server.readyAddress("unix"))) {
            assertEquals("hang", client.ask("hang"));
            server.signal("TERM");
            server.assertEndsWithin(TimeUnit.SECONDS.toMillis(MAX_SECONDS), 0);
            assertEquals("stop took too long, process ended while shutdown hooks were running\n", server.errors());
            assertFalse(Files.exists(file()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"threading", "forking"})
    void unreadOutputBlocksNeitherRequestsNorTheStop(String mixIn) throws Exception {
        String handler = mixIn.equals("forking") ? Talkative.class.getName() : "fail";
        Process server = new ProcessBuilder(CommandProcess.command(
                        "serve",
                        "unix",
                        file().toString(),
                        // The client may see the end of the last request before the server does.
                        "--grace=1s",
                        "--log-requests",
                        "--mixin=" + mixIn,
                        "--handler=" + handler))
                .start();
        try {
            assertEquals("ready unix " + file(), firstLine(server.getInputStream()));
            // Several times the capacity of the pipes, which is 64 KiB, or twice that with a worker.
            String line = "x".repeat(30_000);
            for (int i = 0; i < 20; i++) {
                try (Client client = Client.connect(Transport.UNIX, file().toString())) {
                    if (mixIn.equals("forking")) {
                        client.ask(line);
                    } else {
                        assertThrows(IOException.class, () -> client.ask(line), "the handler fails");
                    }
                }
            }
            // Sends SIGTERM.
            server.destroy();
            assertTrue(server.waitFor(MAX_SECONDS, TimeUnit.SECONDS), "the process has not ended");
            assertEquals(0, server.exitValue());
            assertFalse(Files.exists(file()));
        } finally {
            server.destroyForcibly();
        }
    }

    /** Reads a line and nothing after it. */
    private static String firstLine(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = input.read(); c != '\n' && c >= 0; c = input.read()) {
            line.append((char) c);
        }
        return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
