package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.examples.CommandProcess;

class ObservabilityProcessTest {
    @TempDir
    private Path folder;

    private String address(Transport transport) {
        return transport.isUnix() ? folder.resolve("s").toString() : "127.0.0.1:0";
    }

    private static void ask(Transport transport, String address, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            try (Client client = Client.connect(transport, address)) {
                assertEquals("HELLO", client.ask("hello"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLastLineOfStatsCountsAllRequests(Transport transport) throws Exception {
        try (var server = CommandProcess.start(
                "serve", transport.toString(), address(transport), "--handler=upper", "--stats=1h")) {
            ask(transport, server.readyAddress(transport.toString()), 3);
            server.signal("TERM");
            server.assertEnds(0);
            assertEquals(List.of(), server.remainingLines());
            String errors = server.errors();
            String counted = "stats: accepted 3, active 0, peak [123], done 3, bytes in 18, bytes out 18;"
                    + " [0-9.]+ requests/s, [0-9]+ bytes/s in, [0-9]+ out, p50 [0-9.]+ ms, p99 [0-9.]+ ms\\R";
            assertTrue(errors.matches(counted), errors);
        }
    }

    @Test
    void statsAreWrittenPeriodically() throws Exception {
        try (var server =
                CommandProcess.start("serve", "tcp", "127.0.0.1:0", "--handler=upper", "--stats=20ms", "--name=n")) {
            String address = server.readyAddress("tcp");
            try (Client client = Client.connect(Transport.TCP, address)) {
                assertEquals("HELLO", client.ask("hello"));
                server.awaitError("stats: accepted 1, active 1, peak 1, bytes in 6, bytes out 6");
            }
            server.awaitError("stats: accepted 1, active 0, peak 1, done 1, bytes in 6, bytes out 6");
            server.signal("TERM");
            server.assertEnds(0);
            assertTrue(server.errors().lines().allMatch(line -> line.startsWith("stats: accepted ")), server.errors());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aRecordingHasAnEventForEveryRequestAndTheEventsOfTheJdk(String signal) throws Exception {
        Path file = folder.resolve("it.jfr");
        try (var server =
                CommandProcess.start("serve", "tcp", "127.0.0.1:0", "--handler=upper", "--jfr=" + file, "--name=n")) {
            ask(Transport.TCP, server.readyAddress("tcp"), 3);
            server.signal(signal);
            server.assertEnds(0);
            assertEquals("", server.errors());
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        List<RecordedEvent> requests = events.stream()
                .filter(event -> event.getEventType().getName().equals("org.socketserver.Request"))
                .toList();
        assertEquals(3, requests.size());
        for (RecordedEvent request : requests) {
            assertEquals("n", request.getString("server"));
            assertEquals("done", request.getString("reason"));
            assertEquals(6, request.getLong("bytesIn"));
            assertFalse(request.getDuration().isZero());
        }
        Set<String> types =
                events.stream().map(event -> event.getEventType().getName()).collect(Collectors.toSet());
        assertTrue(types.contains("jdk.JVMInformation"), types.toString());
    }

    @Test
    void aRecordingIsWrittenEvenIfRequestsAreAborted() throws Exception {
        Path file = folder.resolve("it.jfr");
        try (var server = CommandProcess.start(
                "serve", "tcp", "127.0.0.1:0", "--handler=sleep", "--grace=0", "--jfr=" + file, "--stats=1h")) {
            String address = server.readyAddress("tcp");
            try (Client client = Client.connect(Transport.TCP, address)) {
                assertEquals("0", client.ask("0\n60000"));
                server.signal("TERM");
                server.assertEnds(1);
            }
            assertTrue(server.errors().contains(" aborted 1,"), server.errors());
        }
        assertTrue(RecordingFile.readAllEvents(file).stream()
                .anyMatch(event -> event.getEventType().getName().equals("org.socketserver.Request")
                        && event.getString("reason").equals("aborted")));
    }

    @Test
    void aRecordingThatCannotBeWrittenLeavesTheAddressFree() throws Exception {
        Path socket = folder.resolve("s");
        try (var server =
                CommandProcess.start("serve", "unix", socket.toString(), "--jfr=" + folder.resolve("no/it.jfr"))) {
            server.assertEnds(2);
            assertEquals(List.of(), server.remainingLines());
            assertEquals(1, server.errors().lines().count(), server.errors());
            assertFalse(Files.exists(socket));
        }
    }

    @Test
    void aStuckHandlerIsLoggedWithItsStack() throws Exception {
        try (var server = CommandProcess.start(
                "serve", "tcp", "127.0.0.1:0", "--handler=sleep", "--stuck-after=1s", "--grace=0")) {
            try (Client client = Client.connect(Transport.TCP, server.readyAddress("tcp"))) {
                assertEquals("0", client.ask("0\n60000"));
                server.awaitError("has a stuck request");
                server.awaitError("BuiltIn$Sleep.answer");
            }
        }
    }
}
