package org.socketserver.api;

import java.util.Locale;

/** Why a request was turned away before a handler was made for it. In the order in which the server asks. */
public enum Refusal {
    /** A rule of {@link Limits#deny} matched, or none of {@link Limits#allow}, or a rule threw. */
    DENIED,
    /** The accept rate was used up: {@link Limits#acceptRate}. */
    RATE,
    /** The mix-in ran as many requests as it may: {@link Limits#whenFull}. */
    FULL,
    /** The peer had as many requests as one peer may: {@link Limits#perClient}. */
    PER_CLIENT,
    /** {@link org.socketserver.api.server.BaseServer#verifyRequest} said no. */
    NOT_VERIFIED,
    /**
     * The process had no descriptor left. The connection was accepted with one kept in reserve, so that the peer sees
     * the end and not a hang.
     */
    NO_DESCRIPTORS;

    /** Returns the name in lower case words, such as {@code per client}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
