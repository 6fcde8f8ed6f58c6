package org.socketserver.api;

/**
 * Tells whether a peer is one of some set: those of a {@link Network}, for example, or those of a user.
 *
 * <p>Called on the accept loop for each request, before a handler is made; must be quick and must not read or write.
 * A rule that throws refuses the request.
 */
@FunctionalInterface
public interface PeerRule {
    /**
     * Tells whether the peer of a request is in the set.
     *
     * @param request the request; its address and its attributes may be asked for
     * @return true if it is
     */
    boolean matches(Request request);
}
