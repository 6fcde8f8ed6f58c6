package org.socketserver.api;

/**
 * A set of clients, for example those in a {@link Network} or those of a user.
 *
 * <p>Called on the accept loop for each request, before a handler is created, so it must be fast and must not read or
 * write. If a rule throws, the request is rejected.
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
