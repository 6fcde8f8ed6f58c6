package org.socketserver.api;

import java.util.Locale;

/**
 * The reason why a request was rejected before a handler was created for it. The first five are in the order in which
 * the server checks them.
 */
public enum Rejection {
    /** A rule of {@link Limits#deny} matched, or none of {@link Limits#allow}, or a rule threw. */
    DENIED,
    /** The accept rate was used up: {@link Limits#acceptRate}. */
    RATE,
    /** The mix-in was at its limit of concurrent requests: {@link Limits#whenFull}. */
    FULL,
    /** The client was at its limit of concurrent requests: {@link Limits#perClient}. */
    PER_CLIENT,
    /** {@link org.socketserver.api.server.BaseServer#verifyRequest} returned false. */
    NOT_VERIFIED,
    /**
     * The process had no file descriptor left. The connection was accepted with a descriptor kept in reserve and
     * closed, so that the client sees a disconnect instead of a hang.
     */
    NO_DESCRIPTORS,
    /**
     * The connection was the oldest of too many that were in a handshake: {@link Limits#handshakes}. It was closed to
     * make room for a new one.
     */
    TOO_MANY_HANDSHAKES,
    /**
     * A layer, such as TLS, has failed or has refused the client: {@link org.socketserver.api.spi.Layer#over}. {@link
     * RequestEnd#failure} has the reason.
     */
    HANDSHAKE_FAILED;

    /** Returns the name in lower-case words, such as {@code per client}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
