package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.examples.CommandProcess;

/** The command line with worker processes. */
class ForkingProcessTest {
    @TempDir
    private Path folder;

    private CommandProcess serve(Transport transport, String... options) throws IOException {
        List<String> args = new ArrayList<>(List.of("serve", transport.toString()));
        args.add(transport.isUnix() ? folder.resolve("s").toString() : "127.0.0.1:0");
        args.addAll(List.of("--mixin=forking", "--min-idle=1"));
        args.addAll(List.of(options));
        return CommandProcess.start(args.toArray(String[]::new));
    }

    private static String ask(Transport transport, String address) throws IOException {
        try (Client client = Client.connect(transport, address)) {
            return client.ask("who?");
        }
    }

    private static void signal(String name, String pid) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor());
    }

    /** Returns two transports; all with {@code -Pexhaustive}. */
    static Stream<Transport> transports() {
        return Boolean.getBoolean("socketserver.exhaustive")
                ? Stream.of(Transport.values())
                : Stream.of(Transport.TCP, Transport.UNIX_DATAGRAM);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aWorkerIsReplacedAfterItsNumberOfRequests(Transport transport) throws Exception {
        try (var server = serve(transport, "--handler=pid", "--requests-per-child=1")) {
            String address = server.readyAddress(transport.toString());
            String first = ask(transport, address);
            String second = ask(transport, address);
            assertNotEquals(first, second);
            server.signal("TERM");
            server.assertEnds(0);
            assertEquals(List.of(), server.remainingLines());
            assertTrue(ProcessHandle.of(Long.parseLong(first)).isEmpty());
            assertTrue(ProcessHandle.of(Long.parseLong(second)).isEmpty());
        }
    }

    /** Returns pairs of the given values with ways of the hand-over; all pairs with {@code -Pexhaustive}. */
    private static Stream<Arguments> pairs(Object first, Object second) {
        Stream<Arguments> pairs = Stream.of(arguments(first, "descriptor"), arguments(second, "relay"));
        return Boolean.getBoolean("socketserver.exhaustive")
                ? Stream.concat(pairs, Stream.of(arguments(first, "relay"), arguments(second, "descriptor")))
                : pairs;
    }

    static Stream<Arguments> transportsAndWays() {
        return pairs(Transport.TCP, Transport.UNIX);
    }

    static Stream<Arguments> signalsAndWays() {
        return pairs("INT", "TERM");
    }

    @ParameterizedTest
    @MethodSource("transportsAndWays")
    void theChosenHandOverIsUsedAndLogged(Transport transport, String way) throws Exception {
        String expected = way.equals("relay")
                ? "relays connections to its workers"
                : "hands connections to its workers as descriptors";
        try (var server = serve(transport, "--handler=pid", "--hand-over=" + way)) {
            String pid = ask(transport, server.readyAddress(transport.toString()));
            assertTrue(ProcessHandle.of(Long.parseLong(pid)).isPresent());
            server.awaitError(expected);
        }
    }

    @Test
    void statsListTheWorkers() throws Exception {
        try (var server = serve(Transport.TCP, "--handler=pid", "--stats=20ms")) {
            String address = server.readyAddress("tcp");
            try (Client client = Client.connect(Transport.TCP, address)) {
                String pid = client.ask("who?");
                server.awaitError("workers: ");
                server.awaitError(" started, 0 died; ");
                server.awaitError(pid + " busy, requests 1, age ");
                server.awaitError(" s, peer 127.0.0.1:");
            }
        }
    }

    /** Starts a request and returns the process id of its worker. */
    private static String busy(Client client) throws IOException {
        return client.ask("0");
    }

    @ParameterizedTest
    @MethodSource("signalsAndWays")
    void afterASignalToAllProcessesTheRequestFinishes(String signal, String way) throws Exception {
        String handler = "--handler=" + PidAndSleep.class.getName();
        try (var server = serve(Transport.TCP, handler, "--grace=20s", "--hand-over=" + way);
                Client client = Client.connect(Transport.TCP, server.readyAddress("tcp"))) {
            String pid = busy(client);
            client.send("500\n".getBytes(StandardCharsets.US_ASCII));
            // Like Ctrl-C in a terminal, which signals all processes.
            signal(signal, pid);
            server.signal(signal);
            assertEquals(pid, client.ask(""));
            server.assertEnds(0);
        }
    }

    @Test
    void aKilledWorkerEndsOnlyItsOwnConnectionAndIsLoggedWithItsSignal() throws Exception {
        try (var server = serve(Transport.TCP, "--handler=pid")) {
            String address = server.readyAddress("tcp");
            try (Client killed = Client.connect(Transport.TCP, address);
                    Client other = Client.connect(Transport.TCP, address)) {
                String pid = killed.ask("who?");
                String stays = other.ask("who?");
                signal("KILL", pid);
                assertThrows(IOException.class, () -> killed.ask("still there?"));
                assertEquals(stays, other.ask("and you?"));
                server.awaitError("worker " + pid + " died: exit status 137 (signal 9)");
            }
        }
    }

    @Test
    void theOutputOfAWorkerIsPrintedWithItsProcessId() throws Exception {
        try (var server = serve(Transport.TCP, "--handler=" + Talkative.class.getName())) {
            try (Client client = Client.connect(Transport.TCP, server.readyAddress("tcp"))) {
                String pid = client.ask("hello");
                assertEquals("[" + pid + "] printed hello", server.line());
                server.awaitError("[" + pid + "] complained of hello");
            }
        }
    }

    @Test
    void aWorkerThatCannotStartIsReportedInOneLineWithStatusTwo() throws Exception {
        try (var server = serve(Transport.UDP, "--min-idle=2", "--worker-option=-XX:NoSuchOption")) {
            server.assertEnds(2);
            assertEquals(List.of(), server.remainingLines());
            // One line, although two workers were started.
            String errors = server.errors();
            assertTrue(
                    errors.matches(
                            "examples/run serve: worker [0-9]+ did not become ready: it ended with exit status 1;"
                                    + " it printed: Unrecognized VM option 'NoSuchOption'.*\\R"),
                    errors);
        }
    }

    @Test
    void aWorkerThatCannotCreateHandlersReportsTheReason() throws Exception {
        String handler = "--handler=" + Unmakable.class.getName();
        try (var server = serve(Transport.TCP, handler, "--worker-option=-Dunmakable=true")) {
            server.assertEnds(2);
            String last = server.errors().lines().reduce("", (before, line) -> line);
            assertTrue(last.contains("did not become ready: it can't make handlers: "), last);
            assertTrue(last.contains("the cause: java.lang.IllegalStateException: no configuration"), last);
        }
    }

    @Test
    void aWorkerThatStartsTooSlowlyIsReportedInOneLineWithStatusTwo() throws Exception {
        try (var server = serve(Transport.TCP, "--start-timeout=1ms")) {
            server.assertEnds(2);
            String last = server.errors().lines().reduce("", (before, line) -> line);
            assertTrue(
                    last.contains(
                            "did not become ready: it was not ready after 1 ms; exit status 137 (signal 9); it printed"
                                    + " nothing"),
                    last);
        }
    }
}
