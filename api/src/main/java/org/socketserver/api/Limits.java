package org.socketserver.api;

import java.util.List;
import java.util.Objects;
import org.socketserver.api.internal.Checks;

/**
 * Who is let in, and how many: asked on the accept loop for each request before a handler is made. Immutable; each
 * method gives a changed copy.
 *
 * <pre>{@code
 * ServerOptions.builder()
 *         .limits(Limits.NONE
 *                 .perClient(20)
 *                 .acceptRate(500, 100)
 *                 .whenFull(WhenFull.answer("busy\n"))
 *                 .deny(Network.parse("203.0.113.0/24")))
 *         .build()
 * }</pre>
 *
 * <p>All hold together, on connections and on packets, in the order of {@link Refusal}. How many requests run at once
 * is set on the mix-in, such as {@code ThreadingMixIn.maxConcurrent}. Who was turned away, and why, is told by {@link
 * RequestListener#requestStopped} and counted in {@link ServerStats}.
 */
public final class Limits {
    /** Everybody is let in; at the bound of the mix-in peers wait. The default. */
    public static final Limits NONE = new Limits(0, 64, 0, 1, WhenFull.WAIT, List.of(), List.of());

    private static final int MOST = 1_000_000;

    private final int perClient;
    private final int perClientPrefix;
    private final int acceptRate;
    private final int acceptBurst;
    private final WhenFull whenFull;
    private final List<PeerRule> allowed;
    private final List<PeerRule> denied;

    private Limits(
            int perClient,
            int perClientPrefix,
            int acceptRate,
            int acceptBurst,
            WhenFull whenFull,
            List<PeerRule> allowed,
            List<PeerRule> denied) {
        this.perClient = perClient;
        this.perClientPrefix = perClientPrefix;
        this.acceptRate = acceptRate;
        this.acceptBurst = acceptBurst;
        this.whenFull = whenFull;
        this.allowed = allowed;
        this.denied = denied;
    }

    /**
     * Limits the requests that one peer may have at the same time. More are closed at once, or answered if {@link
     * #whenFull} has an answer; they never wait, since that would make others wait too.
     *
     * <p>What counts as one peer is decided by {@link org.socketserver.api.server.BaseServer#clientKey}: an IPv4
     * address, an IPv6 prefix of {@link #perClientPrefix} bits, whatever the port; a user on Unix streams, a bound
     * address on Unix datagrams.
     *
     * @param requests how many; default 0, no limit; bounds 0 to 1,000,000
     * @return a changed copy
     * @throws IllegalArgumentException if out of bounds
     */
    public Limits perClient(int requests) {
        Checks.inRange("perClient", requests, 0, MOST, "requests");
        return new Limits(requests, perClientPrefix, acceptRate, acceptBurst, whenFull, allowed, denied);
    }

    /**
     * Sets how many leading bits of an IPv6 address make one peer for {@link #perClient(int)}. A host usually has all
     * addresses of a 64-bit prefix (RFC 4291, section 2.5.1), so a longer one lets it evade the limit. Link-local peers
     * all share one such prefix; where they are the only ones, 128 tells them apart.
     *
     * <p>IPv4 addresses, mapped ones ({@code ::ffff:192.0.2.1}) included, always count whole.
     *
     * @param bits how many; default 64; bounds 1 to 128
     * @return a changed copy
     * @throws IllegalArgumentException if out of bounds
     */
    public Limits perClientPrefix(int bits) {
        Checks.inRange("perClientPrefix", bits, 1, 128, "bits");
        return new Limits(perClient, bits, acceptRate, acceptBurst, whenFull, allowed, denied);
    }

    /**
     * Limits how fast requests are let in, with a token bucket: it gains {@code perSecond} tokens a second, holds
     * {@code burst} at most and at first, and each request takes one. Without a token, {@link #whenFull} tells what
     * happens.
     *
     * @param perSecond requests a second; default 0, no limit; bounds 0 to 1,000,000
     * @param burst requests at once after a quiet time; bounds 1 to 1,000,000
     * @return a changed copy
     * @throws IllegalArgumentException if out of bounds
     */
    public Limits acceptRate(int perSecond, int burst) {
        Checks.inRange("acceptRate", perSecond, 0, MOST, "requests a second");
        Checks.inRange("burst", burst, 1, MOST, "requests");
        return new Limits(perClient, perClientPrefix, perSecond, burst, whenFull, allowed, denied);
    }

    /**
     * Sets what becomes of requests for which there is no room.
     *
     * @param action what to do; default {@link WhenFull#WAIT}
     * @return a changed copy
     */
    public Limits whenFull(WhenFull action) {
        Objects.requireNonNull(action, "action");
        return new Limits(perClient, perClientPrefix, acceptRate, acceptBurst, action, allowed, denied);
    }

    /**
     * Lets in only peers that match one of these rules; without any, all are.
     *
     * @param rules for example {@link Network}s; they take the place of those set before
     * @return a changed copy
     */
    public Limits allow(PeerRule... rules) {
        return new Limits(perClient, perClientPrefix, acceptRate, acceptBurst, whenFull, listOf(rules), denied);
    }

    /**
     * Turns away peers that match one of these rules, also those that are allowed. They are closed at once and never
     * answered.
     *
     * @param rules for example {@link Network}s; they take the place of those set before
     * @return a changed copy
     */
    public Limits deny(PeerRule... rules) {
        return new Limits(perClient, perClientPrefix, acceptRate, acceptBurst, whenFull, allowed, listOf(rules));
    }

    private static List<PeerRule> listOf(PeerRule... rules) {
        Objects.requireNonNull(rules, "rules");
        for (PeerRule rule : rules) {
            Objects.requireNonNull(rule, "rule");
        }
        return List.of(rules);
    }

    /** {@return the most requests of one peer; 0 for no limit} */
    public int perClient() {
        return perClient;
    }

    /** {@return how many leading bits of an IPv6 address make one peer} */
    public int perClientPrefix() {
        return perClientPrefix;
    }

    /** {@return how many requests are let in a second; 0 for no limit} */
    public int acceptRate() {
        return acceptRate;
    }

    /** {@return how many requests are let in at once after a quiet time} */
    public int acceptBurst() {
        return acceptBurst;
    }

    /** {@return what becomes of requests for which there is no room} */
    public WhenFull whenFull() {
        return whenFull;
    }

    /** {@return the rules of which a peer has to match one; empty for everybody} */
    public List<PeerRule> allowed() {
        return allowed;
    }

    /** {@return the rules of which a peer must match none} */
    public List<PeerRule> denied() {
        return denied;
    }

    /** Returns the limits that are set. */
    @Override
    public String toString() {
        return "perClient " + perClient + ", perClientPrefix " + perClientPrefix + ", acceptRate " + acceptRate
                + " burst " + acceptBurst + ", whenFull " + whenFull + ", allow " + allowed + ", deny " + denied;
    }
}
