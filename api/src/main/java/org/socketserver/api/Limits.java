package org.socketserver.api;

import java.util.List;
import java.util.Objects;
import org.socketserver.api.internal.Checks;

/**
 * Limits on which clients are served, and how many at once. The accept loop checks them for each request before a
 * handler is created. Immutable; each setter returns a changed copy.
 *
 * <pre>{@code
 * ServerOptions.DEFAULTS
 *         .limits(Limits.NONE
 *                 .perClient(20)
 *                 .acceptRate(500, 100)
 *                 .whenFull(WhenFull.answer("busy\n"))
 *                 .deny(Network.parse("203.0.113.0/24")))
 *
 * }</pre>
 *
 * <p>All limits apply together, to connections and packets, and are checked in the order of {@link Rejection}. The
 * limit on concurrent requests is set on the mix-in, for example with {@code ThreadingMixIn.maxConcurrent}. Rejected
 * requests are reported with their reason to {@link RequestListener#requestStopped} and counted in {@link ServerStats}.
 *
 * <p>A request stops counting against its limits when its handler has returned, before the peer can see the end: see
 * {@link ServerStats}.
 */
public final class Limits {
    /** No limits: every client is served, and at the limit of the mix-in clients wait. The default. */
    public static final Limits NONE = new Limits();

    private static final int MAX = 1_000_000;

    private int perClient;
    private int perClientPrefix = 64;
    private int acceptRate;
    private int acceptBurst = 1;
    private int handshakes = 1_000;
    private WhenFull whenFull = WhenFull.WAIT;
    private List<PeerRule> allowed = List.of();
    private List<PeerRule> denied = List.of();

    private Limits() {}

    private Limits(Limits other) {
        perClient = other.perClient;
        perClientPrefix = other.perClientPrefix;
        acceptRate = other.acceptRate;
        acceptBurst = other.acceptBurst;
        handshakes = other.handshakes;
        whenFull = other.whenFull;
        allowed = other.allowed;
        denied = other.denied;
    }

    /**
     * Limits the concurrent requests of one client. Further ones are closed at once, or answered if {@link #whenFull}
     * has an answer. They never wait, because that would make other clients wait too.
     *
     * <p>The method {@link org.socketserver.api.server.BaseServer#clientKey} decides what one client is. By default it
     * is an IPv4 address or an IPv6 prefix of {@link #perClientPrefix} bits, whatever the port; a user on Unix streams;
     * a bound address on Unix datagrams.
     *
     * @param requests the limit; default 0, no limit; bounds 0 to 1,000,000
     * @return a changed copy
     * @throws IllegalArgumentException if out of bounds
     */
    public Limits perClient(int requests) {
        Checks.inRange("perClient", requests, 0, MAX, "requests");
        Limits copy = new Limits(this);
        copy.perClient = requests;
        return copy;
    }

    /**
     * Sets how many leading bits of an IPv6 address identify a client for {@link #perClient(int)}. A host usually has
     * all addresses of a 64-bit prefix (RFC 4291, section 2.5.1), so a longer prefix lets it evade the limit.
     * Link-local clients all share one such prefix; if there are no others, use 128 to distinguish them.
     *
     * <p>An IPv4 address always counts as a whole, also if it is mapped ({@code ::ffff:192.0.2.1}).
     *
     * @param bits the length of the prefix; default 64; bounds 1 to 128
     * @return a changed copy
     * @throws IllegalArgumentException if out of bounds
     */
    public Limits perClientPrefix(int bits) {
        Checks.inRange("perClientPrefix", bits, 1, 128, "bits");
        Limits copy = new Limits(this);
        copy.perClientPrefix = bits;
        return copy;
    }

    /**
     * Limits the rate of new requests with a token bucket. The bucket gains {@code perSecond} tokens a second, holds at
     * most {@code burst}, and starts full. Each request takes one token. If there is none, {@link #whenFull} decides
     * what happens.
     *
     * @param perSecond requests a second; default 0, no limit; bounds 0 to 1,000,000
     * @param burst requests at once after a quiet period; bounds 1 to 1,000,000
     * @return a changed copy
     * @throws IllegalArgumentException if out of bounds
     */
    public Limits acceptRate(int perSecond, int burst) {
        Checks.inRange("acceptRate", perSecond, 0, MAX, "requests a second");
        Checks.inRange("burst", burst, 1, MAX, "requests");
        Limits copy = new Limits(this);
        copy.acceptRate = perSecond;
        copy.acceptBurst = burst;
        return copy;
    }

    /**
     * Limits the connections that are in a handshake at the same time: {@link
     * org.socketserver.api.server.BaseServer#layer}. At the limit, a new connection takes the place of the oldest one
     * that is still in its handshake, which is closed. While twice as many connections are in a handshake, wait for
     * the mix-in or are being closed, further clients wait in the kernel's queue. A TLS handshake needs some 100 KB of
     * memory.
     *
     * @param connections the limit; default 1,000; bounds 1 to 1,000,000
     * @return a changed copy
     * @throws IllegalArgumentException if out of bounds
     */
    public Limits handshakes(int connections) {
        Checks.inRange("handshakes", connections, 1, MAX, "connections");
        Limits copy = new Limits(this);
        copy.handshakes = connections;
        return copy;
    }

    /**
     * Sets what happens to requests at a limit.
     *
     * @param action the action; default {@link WhenFull#WAIT}
     * @return a changed copy
     */
    public Limits whenFull(WhenFull action) {
        Limits copy = new Limits(this);
        copy.whenFull = Objects.requireNonNull(action, "action");
        return copy;
    }

    /**
     * Serves only clients that match one of these rules. Without rules, all clients are served.
     *
     * @param rules the rules, for example {@link Network}s; they replace those set before
     * @return a changed copy
     */
    public Limits allow(PeerRule... rules) {
        Limits copy = new Limits(this);
        copy.allowed = listOf(rules);
        return copy;
    }

    /**
     * Rejects clients that match one of these rules, even if they are allowed. Their connections are closed at once and
     * never answered.
     *
     * @param rules the rules, for example {@link Network}s; they replace those set before
     * @return a changed copy
     */
    public Limits deny(PeerRule... rules) {
        Limits copy = new Limits(this);
        copy.denied = listOf(rules);
        return copy;
    }

    private static List<PeerRule> listOf(PeerRule... rules) {
        Objects.requireNonNull(rules, "rules");
        for (PeerRule rule : rules) {
            Objects.requireNonNull(rule, "rule");
        }
        return List.of(rules);
    }

    /** {@return the limit of concurrent requests of one client; 0 for no limit} */
    public int perClient() {
        return perClient;
    }

    /** {@return how many leading bits of an IPv6 address identify a client} */
    public int perClientPrefix() {
        return perClientPrefix;
    }

    /** {@return the limit of new requests a second; 0 for no limit} */
    public int acceptRate() {
        return acceptRate;
    }

    /** {@return the limit of new requests at once after a quiet period} */
    public int acceptBurst() {
        return acceptBurst;
    }

    /** {@return the limit of connections in a handshake} */
    public int handshakes() {
        return handshakes;
    }

    /** {@return what happens to requests at a limit} */
    public WhenFull whenFull() {
        return whenFull;
    }

    /** {@return the rules of which a client must match one; empty if all clients are served} */
    public List<PeerRule> allowed() {
        return allowed;
    }

    /** {@return the rules of which a client must match none} */
    public List<PeerRule> denied() {
        return denied;
    }

    /** Returns the limits that are set. */
    @Override
    public String toString() {
        return "perClient " + perClient + ", perClientPrefix " + perClientPrefix + ", acceptRate " + acceptRate
                + " burst " + acceptBurst + ", handshakes " + handshakes + ", whenFull " + whenFull + ", allow "
                + allowed + ", deny " + denied;
    }
}
