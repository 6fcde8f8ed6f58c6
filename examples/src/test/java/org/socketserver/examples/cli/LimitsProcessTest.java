package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.examples.CommandProcess;

/** The options for limits; the counters of rejected requests are in the lines of --stats. */
class LimitsProcessTest {
    @TempDir
    private Path folder;

    private CommandProcess serve(Transport transport, String... options) throws IOException {
        List<String> args = new ArrayList<>(List.of("serve", transport.toString()));
        args.add(transport.isUnix() ? folder.resolve("s").toString() : "127.0.0.1:0");
        args.addAll(List.of("--handler=sleep", "--grace=0", "--stats=50ms"));
        args.addAll(List.of(options));
        return CommandProcess.start(args.toArray(String[]::new));
    }

    /** Returns what a server sends to a client that sends nothing. */
    private static String received(Transport transport, String address) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Client client = Client.connect(transport, address)) {
            for (byte[] some = receive(client); some.length > 0; some = receive(client)) {
                all.append(new String(some, StandardCharsets.UTF_8));
            }
        }
        return all.toString();
    }

    private static byte[] receive(Client client) throws IOException {
        return client.receive(Client.PATIENCE).orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UNIX"})
    void aConnectionBeyondTheLimitIsAnswered(Transport transport) throws Exception {
        try (var server = serve(transport, "--max-concurrent=1", "--when-full=answer:come back later")) {
            String address = server.readyAddress(transport.toString());
            try (Client first = Client.connect(transport, address)) {
                assertEquals("0", first.ask("0"));
                assertEquals("come back later\n", received(transport, address));
                assertEquals("1", first.ask("1"));
            }
            server.awaitError("rejected: full 1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UNIX"})
    void aConnectionBeyondTheLimitIsRejectd(Transport transport) throws Exception {
        try (var server = serve(transport, "--max-concurrent=1", "--when-full=reject")) {
            String address = server.readyAddress(transport.toString());
            try (Client first = Client.connect(transport, address)) {
                assertEquals("0", first.ask("0"));
                assertEquals("", received(transport, address));
                assertEquals("1", first.ask("1"));
            }
            server.awaitError("rejected: full 1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"UDP", "UNIX_DATAGRAM"})
    void aPacketBeyondTheLimitIsAnswered(Transport transport) throws Exception {
        try (var server = serve(transport, "--max-concurrent=1", "--when-full=answer:come back later")) {
            String address = server.readyAddress(transport.toString());
            try (Client client = Client.connect(transport, address)) {
                client.send("60000".getBytes(StandardCharsets.US_ASCII));
                assertEquals("come back later", client.ask("0"));
            }
        }
    }

    @Test
    void aConnectionBeyondTheLimitWaitsByDefault() throws Exception {
        try (var server = serve(Transport.TCP, "--max-concurrent=1")) {
            String address = server.readyAddress("tcp");
            try (Client second = waiting(address)) {
                assertEquals("0", second.ask("0"));
            }
        }
    }

    /** Connects while another client is served, which then disconnects. */
    private static Client waiting(String address) throws IOException {
        try (Client first = Client.connect(Transport.TCP, address)) {
            assertEquals("0", first.ask("0"));
            return Client.connect(Transport.TCP, address);
        }
    }

    private static Stream<Arguments> rows(Stream<Arguments> always, Stream<Arguments> onlyExhaustive) {
        return Boolean.getBoolean("socketserver.exhaustive") ? Stream.concat(always, onlyExhaustive) : always;
    }

    static Stream<Arguments> rejecting() {
        return rows(
                Stream.of(
                        arguments(Transport.TCP, "--deny=127.0.0.0/8"),
                        arguments(Transport.UDP, "--allow=::1"),
                        arguments(Transport.UNIX, "--deny=user:ME")),
                Stream.of(
                        arguments(Transport.TCP, "--allow=10.0.0.0/8"),
                        arguments(Transport.UDP, "--deny=127.0.0.1"),
                        arguments(Transport.UNIX, "--allow=user:65533")));
    }

    static Stream<Arguments> allowing() {
        return rows(
                Stream.of(
                        arguments(Transport.TCP, "--allow=127.0.0.0/8", "--deny=10.0.0.0/8"),
                        arguments(Transport.UNIX, "--allow=user:ME", "--deny=user:65533")),
                Stream.of(arguments(Transport.UDP, "--allow=127.0.0.1", "--deny=::1")));
    }

    @ParameterizedTest
    @MethodSource("rejecting")
    void aClientThatIsDeniedOrNotAllowedIsRejected(Transport transport, String option) throws Exception {
        try (var server = serve(transport, option.replace("ME", System.getProperty("user.name")))) {
            String address = server.readyAddress(transport.toString());
            if (transport.isStream()) {
                assertEquals("", received(transport, address));
            } else {
                try (Client client = Client.connect(transport, address)) {
                    client.send("0".getBytes(StandardCharsets.US_ASCII));
                }
            }
            server.awaitError("rejected: denied 1");
        }
    }

    @ParameterizedTest
    @MethodSource("allowing")
    void aClientThatIsAllowedAndNotDeniedIsServed(Transport transport, String allow, String deny) throws Exception {
        try (var server = serve(transport, allow.replace("ME", System.getProperty("user.name")), deny)) {
            try (Client client = Client.connect(transport, server.readyAddress(transport.toString()))) {
                assertEquals("0", client.ask("0"));
            }
        }
    }

    @Test
    void aClientHasAtMostItsLimitOfRequests() throws Exception {
        try (var server = serve(Transport.TCP, "--per-client=1")) {
            String address = server.readyAddress("tcp");
            try (Client first = Client.connect(Transport.TCP, address)) {
                assertEquals("0", first.ask("0"));
                assertEquals("", received(Transport.TCP, address));
            }
            server.awaitError("rejected: per client 1");
        }
    }

    @Test
    void requestsBeyondTheBurstAreRejectd() throws Exception {
        try (var server = serve(Transport.TCP, "--accept-rate=1", "--accept-burst=2", "--when-full=reject")) {
            String address = server.readyAddress("tcp");
            for (int i = 0; i < 2; i++) {
                try (Client client = Client.connect(Transport.TCP, address)) {
                    assertEquals("0", client.ask("0"));
                }
            }
            // More than there are tokens while this test runs.
            for (int i = 0; i < 100; i++) {
                Client.connect(Transport.TCP, address).close();
            }
            server.awaitError("rejected: rate ");
        }
    }

    @Test
    void aConnectionThatTimesOutIsLoggedAndCounted() throws Exception {
        try (var server = serve(Transport.TCP, "--first-byte-timeout=50ms", "--log-requests")) {
            assertEquals("", received(Transport.TCP, server.readyAddress("tcp")));
            server.awaitError("timed out: first byte, 0 bytes in, 0 out,");
            server.awaitError("timed out: first byte 1");
            server.signal("TERM");
            server.assertEnds(0);
        }
    }
}
