package org.socketserver.api.spi;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.Optional;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.PlainText;

/** Resolves a server's Internet address and chooses the IP version of its socket, for TCP and UDP. */
public final class InternetFamily {
    private InternetFamily() {}

    /**
     * Resolves the host name of an address. Called when a server binds.
     *
     * @param address any address
     * @return the address with the first IP address of its host
     * @throws UnknownHostException if the host is unknown
     */
    public static InetSocketAddress resolve(InetSocketAddress address) throws UnknownHostException {
        if (!address.isUnresolved()) {
            return address;
        }
        String host = address.getHostString();
        try {
            return new InetSocketAddress(InetAddress.getByName(host), address.getPort());
        } catch (UnknownHostException unknown) {
            UnknownHostException named = new UnknownHostException("the host " + PlainText.of(host) + " is unknown");
            named.initCause(unknown);
            throw named;
        }
    }

    /**
     * Returns the protocol family of a server's socket.
     *
     * @param address the address to bind
     * @param options the server's options, for {@link ServerOptions#dualStack()}
     * @return the family to open the channel with; empty for the JDK's default, which accepts both
     * @throws UnsupportedOperationException for an IPv6 wildcard address without dual stack
     */
    public static Optional<ProtocolFamily> of(InetSocketAddress address, ServerOptions options) {
        boolean ipv6 = address.getAddress() instanceof Inet6Address;
        if (address.getAddress().isAnyLocalAddress()) {
            if (options.dualStack()) {
                return Optional.empty();
            }
            if (ipv6) {
                // The JDK clears IPV6_V6ONLY on every IPv6 socket and has no option to set it.
                throw new UnsupportedOperationException("dualStack is false, but the JDK can't make a socket on "
                        + AddressText.of(address) + " for IPv6 peers only; bind a certain IPv6 address instead");
            }
        }
        return Optional.of(ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    }
}
