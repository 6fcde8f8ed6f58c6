package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.ClientMemory;
import org.socketserver.api.spi.Layer;
import org.socketserver.tls.Tls;
import picocli.CommandLine.ParseResult;

class OptionsReachTest {
    /** A command line, and the only value that it changes. */
    record Typed(String text, String name, String value) {
        String option() {
            return text.replaceFirst("(?s).*(--[a-z-]+).*", "$1");
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static Typed typed(String text, String name, String value) {
        return new Typed(text, name, value);
    }

    static final List<Typed> ALL = List.of(
            typed("tcp --name=n", "ServerOptions.name", "n"),
            typed("tcp --backlog=7", "ServerOptions.backlog", "7"),
            typed("tcp --reuse-address=false", "ServerOptions.reuseAddress", "false"),
            typed("tcp --reuse-port", "ServerOptions.reusePort", "true"),
            typed("tcp --dual-stack=false", "ServerOptions.dualStack", "false"),
            typed("tcp --no-delay=false", "ServerOptions.noDelay", "false"),
            typed("tcp --keep-alive", "ServerOptions.keepAlive", "true"),
            typed("tcp --receive-buffer=8192", "ServerOptions.receiveBufferSize", "8192"),
            typed("tcp --send-buffer=4096", "ServerOptions.sendBufferSize", "4096"),
            typed("udp --broadcast", "ServerOptions.broadcast", "true"),
            typed("udp --max-datagram=100", "ServerOptions.maxDatagramSize", "100"),
            typed("udp --deliver-truncated", "ServerOptions.deliverTruncated", "true"),
            typed("unix --mode=400", "ServerOptions.socketFileMode", "[OWNER_READ]"),
            typed("tcp --poll-interval=1s", "ServerOptions.pollInterval", "PT1S"),
            typed("tcp --age-jitter=20", "ServerOptions.ageJitter", "20"),
            typed("tcp --stuck-after=1m", "ServerOptions.stuckAfter", "PT1M"),
            typed("tcp --grace=4s", "ServerOptions.grace", "PT4S"),
            typed("tcp --handshake-timeout=6s", "Deadline.HANDSHAKE", "PT6S"),
            typed("tcp --first-byte-timeout=1s", "Deadline.FIRST_BYTE", "PT1S"),
            typed("tcp --idle-timeout=2s", "Deadline.IDLE", "PT2S"),
            typed("tcp --read-timeout=3s", "Deadline.READ", "PT3S"),
            typed("tcp --write-timeout=4s", "Deadline.WRITE", "PT4S"),
            typed("tcp --request-timeout=5s", "Deadline.REQUEST", "PT5S"),
            typed("tcp --max-age=1h", "Deadline.AGE", "PT1H"),
            typed("tcp --per-client=9", "Limits.perClient", "9"),
            typed("tcp --handshakes=8", "Limits.handshakes", "8"),
            typed("tcp --accept-rate=1", "Limits.acceptRate", "1"),
            typed("tcp --when-full=reject", "Limits.whenFull", "reject"),
            typed("tcp --allow=10.0.0.0/8 --allow=::1", "Limits.allow", "[10.0.0.0/8, ::1/128]"),
            typed("unix --deny=user:root", "Limits.deny", "[user root]"));

    /** Parses a command line of transport, address and options. */
    static ServeOptions parse(String... args) {
        List<String> words = new ArrayList<>(List.of("serve"));
        words.addAll(List.of(args));
        ParseResult parsed = Main.commandLine().parseArgs(words.toArray(String[]::new));
        return ((ServeCommand) parsed.subcommand().commandSpec().userObject())
                .applied(Place.texts(parsed.subcommand().matchedPositionalValue(0, List.of())))
                .get(0);
    }

    private static ServerOptions options(String... words) {
        List<String> args = new ArrayList<>(List.of(words));
        args.add(1, args.get(0).startsWith("unix") ? "/an address" : "127.0.0.1:0");
        return parse(args.toArray(String[]::new)).serverOptions();
    }

    @Test
    void withoutOptionsTheServerHasTheDefaultsOfTheApi() {
        assertEquals(Map.of(), OptionValues.changed(options("unix")));
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void everyOptionReachesTheServerAndChangesNothingElse(Typed typed) {
        assertEquals(
                Map.of(typed.name(), typed.value()),
                OptionValues.changed(options(typed.text().split(" "))));
    }

    @Test
    void theProxiesReachTheServer() {
        assertEquals(
                "[PROXY from [10.0.0.0/8, ::1/128]]",
                parse("tcp", "127.0.0.1:0", "--proxy-from=10.0.0.0/8", "--proxy-from=::1")
                        .layers
                        .toString());
        assertEquals(
                "[PROXY from Unix sockets]",
                parse("unix", "/an address", "--proxy-from=unix").layers.toString());
        assertEquals(List.of(), parse("tcp", "127.0.0.1:0").layers);
        assertEquals(
                "--proxy-from is for tcp and unix, not for udp",
                assertThrows(IllegalArgumentException.class, () -> parse("udp", "127.0.0.1:0", "--proxy-from=10.0.0.1"))
                        .getMessage());
        assertEquals(
                "Invalid value for option '--proxy-from': 10.0.0.1 is for tcp; for unix write unix",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> parse("unix", "/an address", "--proxy-from=10.0.0.1"))
                        .getMessage());
    }

    @Test
    void tlsComesAfterTheProxyHeader() {
        List<Layer> layers = parse("tcp", "127.0.0.1:0", "--tls-self-signed", "--proxy-from=::1").layers;
        assertEquals("PROXY from [::1/128]", layers.get(0).toString());
        assertInstanceOf(Tls.class, layers.get(1));
        assertEquals(2, layers.size());
    }

    @Test
    void theDefaultOfTheBurstIsTheRate() {
        assertEquals(50, options("tcp", "--accept-rate=50").limits().acceptBurst());
        assertEquals(
                Map.of("Limits.acceptRate", "50", "Limits.acceptBurst", "9"),
                OptionValues.changed(options("tcp", "--accept-rate=50", "--accept-burst=9")));
    }

    @Test
    void theLimitOfClientMemoryAppliesToTheProcess() {
        long before = ClientMemory.limit();
        try {
            options("tcp", "--client-memory=12345");
            assertEquals(12_345, ClientMemory.limit());
        } finally {
            ClientMemory.limit(before);
        }
    }

    @Test
    void thePrefixOfAClientReachesTheServer() {
        assertEquals(
                Map.of("Limits.perClient", "9", "Limits.perClientPrefix", "56"),
                OptionValues.changed(options("tcp", "--per-client=9", "--per-client-prefix=56")));
    }

    /**
     * Except the time-out of {@code handleRequest}, which {@code serve} does not call, and the shutdown hook, which
     * does nothing for a server that a signal has closed.
     */
    @Test
    void everySettingOfAServerHasAnOption() {
        var settable = new TreeSet<>(OptionValues.of(ServerOptions.DEFAULTS).keySet());
        settable.removeAll(List.of("ServerOptions.acceptTimeout", "ServerOptions.shutdownHook"));
        var typed = new TreeSet<String>(List.of("Limits.acceptBurst", "Limits.perClientPrefix"));
        ALL.forEach(one -> typed.add(one.name()));
        assertEquals(settable, typed);
    }
}
