package org.socketserver.examples.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Limits;
import org.socketserver.api.PeerRule;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.WhenFull;
import org.socketserver.examples.servers.Transport;
import picocli.CommandLine.Option;

/** The options that say who is let in, and how fast. How many at once is with the mix-in: {@link MixInArguments}. */
final class LimitArguments {
    @Option(
            names = "--when-full",
            paramLabel = "WHAT",
            defaultValue = "wait",
            converter = WhenFullText.class,
            completionCandidates = WhenFullText.class,
            description = {
                "What becomes of a request beyond --max-concurrent, --max-children or --accept-rate:",
                "  wait         it stays in the kernel's queue",
                "  refuse       it is closed at once",
                "  answer:TEXT  it gets TEXT and a line end",
                "An answer has 4096 bytes at most, and a clean close follows.",
                "Default: ${DEFAULT-VALUE}"
            })
    @SuppressWarnings("NullAway.Init")
    private WhenFull whenFull;

    @Option(
            names = "--per-client",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "How many requests one client may have at once, 0 to 1000000; more are closed or answered, and "
                            + "never wait. A client is an IPv4 address, an IPv6 prefix, a user on Unix streams, a "
                            + "bound address on Unix datagrams. Default: 0, no limit")
    private int perClient;

    @Option(
            names = "--per-client-prefix",
            paramLabel = "BITS",
            description = "With --per-client: how many leading bits of an IPv6 address make one client, 1 to 128. "
                    + "Default: 64")
    private @Nullable Integer perClientPrefix;

    @Option(
            names = "--accept-rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "How many requests are let in a second, 0 to 1000000. Default: 0, no limit")
    private int acceptRate;

    @Option(
            names = "--accept-burst",
            paramLabel = "N",
            description = "With --accept-rate: how many are let in at once after a quiet time, 1 to 1000000. "
                    + "Default: as many as in a second")
    private @Nullable Integer acceptBurst;

    @Option(
            names = "--allow",
            paramLabel = "PEERS",
            converter = PeersText.class,
            description = {
                "Let in only these, and close all others at once:",
                "  10.0.0.0/8, ::1        TCP, UDP",
                "  user:NAME, group:NAME  Unix streams",
                "Users and groups by name or number; a group is the primary one of the peer. May be given several "
                        + "times. Default: everybody"
            })
    private List<PeersText.Peers> allowed = new ArrayList<>();

    @Option(
            names = "--deny",
            paramLabel = "PEERS",
            converter = PeersText.class,
            description = "Close these at once, also if allowed; written as for --allow. May be given several times. "
                    + "Default: nobody")
    private List<PeersText.Peers> denied = new ArrayList<>();

    /**
     * Adds these options.
     *
     * @throws IllegalArgumentException if a value is out of bounds, or the transport has no such peers
     */
    void applyTo(ServerOptions.Builder options, Transport transport) {
        Limits base = Limits.NONE
                .whenFull(whenFull)
                .allow(rules("--allow", allowed, transport))
                .deny(rules("--deny", denied, transport));
        Limits counted = OptionValue.of("--per-client", () -> base.perClient(perClient));
        int prefix = perClientPrefix == null ? counted.perClientPrefix() : perClientPrefix;
        Limits shared = OptionValue.of("--per-client-prefix", () -> counted.perClientPrefix(prefix));
        int burst = acceptBurst == null ? Math.max(1, acceptRate) : acceptBurst;
        // With the least burst, so that what is refused is the rate.
        OptionValue.of("--accept-rate", () -> shared.acceptRate(acceptRate, 1));
        options.limits(OptionValue.of("--accept-burst", () -> shared.acceptRate(acceptRate, burst)));
        if (perClientPrefix != null && perClient == 0) {
            throw new IllegalArgumentException("--per-client-prefix has no meaning without --per-client");
        }
        if (acceptBurst != null && acceptRate == 0) {
            throw new IllegalArgumentException("--accept-burst has no meaning without --accept-rate");
        }
    }

    private static PeerRule[] rules(String option, List<PeersText.Peers> peers, Transport transport) {
        for (PeersText.Peers some : peers) {
            if (!some.isOn(transport)) {
                throw new IllegalArgumentException(
                        option + " " + some.text() + " is for " + some.where() + ", not for " + transport.word());
            }
        }
        return peers.stream().map(PeersText.Peers::rule).toArray(PeerRule[]::new);
    }
}
