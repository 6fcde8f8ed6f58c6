package org.socketserver.api.spi;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.Objects;
import java.util.Optional;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;

/** Which IP version a server's socket is made for: the rules that TCP and UDP share. */
public final class InternetFamily {
    private InternetFamily() {}

    /**
     * Refuses an address whose host name was not found.
     *
     * @param address where a server shall serve
     * @return the address
     * @throws IllegalArgumentException if it is unresolved
     */
    public static InetSocketAddress resolved(InetSocketAddress address) {
        Objects.requireNonNull(address, "address");
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("the host " + address.getHostString() + " is unknown");
        }
        return address;
    }

    /**
     * Chooses the family of a server's socket.
     *
     * @param address where the server shall serve
     * @param options the server's options, for {@link ServerOptions#dualStack()}
     * @return the family to open the channel with; empty for the JDK's default, which takes both
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
