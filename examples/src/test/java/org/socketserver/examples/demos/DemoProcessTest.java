package org.socketserver.examples.demos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.examples.CommandProcess;
import org.socketserver.examples.clients.Client;
import org.socketserver.examples.servers.Transport;

class DemoProcessTest {
    @TempDir
    private Path folder;

    @Test
    void theUdpEchoSendsPacketsBack() throws Exception {
        try (var demo = CommandProcess.start("demo", "udp-echo", "127.0.0.1:0");
                Client client = Client.connect(Transport.UDP, demo.readyAddress("udp"))) {
            assertEquals("hello", client.ask("hello"));
        }
    }

    @Test
    void theUnixEchoSendsBytesBackAndRemovesItsFile() throws Exception {
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

    @Test
    void theShouterAnswersInCapitals() throws Exception {
        try (var demo = CommandProcess.start("demo", "shout", "127.0.0.1:0");
                Client client = Client.connect(Transport.TCP, demo.readyAddress("tcp"))) {
            assertEquals("HELLO", client.ask("hello"));
        }
    }

    @Test
    void theConsoleListsRequestsAndThreadsAndQuits() throws Exception {
        try (var demo = CommandProcess.start("demo", "console", "127.0.0.1:0");
                Client client = Client.connect(Transport.TCP, demo.readyAddress("tcp"))) {
            assertEquals("hello", client.ask("hello"));
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
    void theConsoleStopsWhenItsOperatorHasGone() throws Exception {
        try (var demo = CommandProcess.start("demo", "console", "127.0.0.1:0")) {
            demo.readyAddress("tcp");
            demo.endInput();
            demo.assertEnds(0);
        }
    }

    @Test
    void theChatRunsUntilItsProcessIsEnded() throws Exception {
        try (var demo = CommandProcess.start("demo", "chat", "127.0.0.1:0");
                Client client = Client.connect(Transport.TCP, demo.readyAddress("tcp"))) {
            assertTrue(client.ask("hello").matches("127\\.0\\.0\\.1:[0-9]+ hello"));
            demo.signal("TERM");
            demo.assertEnds(143);
            assertTrue(demo.errors().contains(" joined"), demo.errors());
        }
    }

    @Test
    void theFragileOneSurvivesWhatItIsToldToDieOf() throws Exception {
        try (var demo = CommandProcess.start("demo", "fragile", "127.0.0.1:0")) {
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
