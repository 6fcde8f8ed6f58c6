package org.socketserver.api;

/**
 * A set of peers, for example those in a {@link Network} or those of a user.
 *
 * <p>Called on the accept loop for each request, before a handler is made; must be quick and must not read or write.
 * A rule that throws refuses the request.
 */
@FunctionalInterface
public interface PeerRule {
    /**
     * Returns whether the peer of a request is in the set.
     *
     * @param request the request; its address and its attributes may be asked for
     * @return true if it is
     */
    boolean matches(Request request);
}
