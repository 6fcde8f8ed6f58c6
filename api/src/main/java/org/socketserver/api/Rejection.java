package org.socketserver.api;

import java.util.Locale;

/**
 * The reason why a request was rejected before a handler was created for it. In the order in which the server checks.
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
    NO_DESCRIPTORS;

    /** Returns the name in lower-case words, such as {@code per client}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
