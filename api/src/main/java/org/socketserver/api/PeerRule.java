package org.socketserver.api;

/**
 * A set of clients, for example those in a {@link Network} or those of a user.
 *
 * <p>Called for each request, before a handler is created: on the accept loop, so it must be fast and must not read or
 * write, or after a layer that identifies the client ({@link org.socketserver.api.spi.Layer#identifiesClient}), for
 * several connections at the same time. If a rule throws, the request is rejected. A check that takes time, such as a
 * lookup, belongs in {@link org.socketserver.api.server.BaseServer#finishRequest}, which runs on the request's thread.
 */
@FunctionalInterface
public interface PeerRule {
    /**
     * Returns whether the peer of a request is in the set.
     *
     * @param request the request; the rule may use its address and its attributes
     * @return true if the peer is in the set
     */
    boolean matches(Request request);
}
