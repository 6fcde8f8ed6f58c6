package org.socketserver.api.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.socketserver.api.Network;

/**
 * Decides which senders of datagrams a server can answer: not port 0, to which nothing can be sent (RFC 768), and not
 * the server itself, for which the reply would be the next request.
 *
 * <p>Runs on the accept loop for each packet. An ordinary one costs two comparisons of ports; addresses are compared
 * only if the ports are equal.
 */
final class SenderFilter {
    private static final int NO_PORT = 0;
    private static final int ALL_BITS = 128;

    private final SocketAddress bound;
    private final int port;
    private final LocalAddresses local = new LocalAddresses();

    SenderFilter(SocketAddress bound) {
        this.bound = bound;
        port = isInternet(bound) ? ((InetSocketAddress) bound).getPort() : NO_PORT;
    }

    /** Only the JDK's own class: addresses of junixsocket extend it, and their ports mean nothing. */
    private static boolean isInternet(SocketAddress address) {
        return address.getClass() == InetSocketAddress.class && !((InetSocketAddress) address).isUnresolved();
    }

    boolean canAnswer(SocketAddress sender) {
        if (!isInternet(sender)) {
            return !sender.equals(bound);
        }
        InetSocketAddress peer = (InetSocketAddress) sender;
        return peer.getPort() != NO_PORT && (peer.getPort() != port || !isOwn(peer.getAddress()));
    }

    private boolean isOwn(InetAddress address) {
        InetAddress own = ((InetSocketAddress) bound).getAddress();
        return own.isAnyLocalAddress()
                ? local.contains(address)
                : Network.around(own, ALL_BITS).contains(address);
    }
}
