package org.socketserver.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.socketserver.api.Network;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.FilterConnection;
import org.socketserver.api.spi.Layer;

/**
 * Takes the address of each client from the PROXY header that a load balancer or proxy sends first on each connection:
 * versions 1 and 2 of the PROXY protocol.
 *
 * <pre>{@code
 * server.layer(ProxyProtocol.from(Network.parse("10.0.0.0/8")));
 * }</pre>
 *
 * <p><b>Trust.</b> A peer that sends a header decides which address its connection has, so only trusted peers may
 * connect: every other peer is refused before anything is read from it. A trusted peer must send a header. There is no
 * mode that makes the header optional, because any client of such a server could choose its own address (section 5).
 *
 * <p>Peers on Unix sockets, and all others without an IP address, are always trusted: the mode of the socket's file
 * decides who can connect. A name in Linux's abstract namespace has no mode, so every process on the host could send a
 * header.
 *
 * <p><b>Addresses.</b> The connection above has the addresses of the header: {@link Connection#remoteAddress()} is its
 * source and {@link Connection#localAddress()} its destination. IPv4-mapped IPv6 addresses become IPv4 addresses. The
 * connection keeps the transport's addresses if the header has no IP addresses: LOCAL in version 2, which proxies send
 * for their own health checks, UNKNOWN in version 1, and clients of the proxy's own Unix sockets. Everything else that
 * the header contains is an attribute: {@code request.attribute(ProxyHeader.class)}. It is present on every connection,
 * also in worker processes. Other attributes, such as the credentials of a Unix peer, are those of the proxy.
 *
 * <p><b>Reading.</b> Exactly the header is read, however it is split into packets. So the next layer can be TLS, and
 * the connection can still be passed to another process. A header of version 1 has at most 107 bytes. A header of
 * version 2 may declare at most 4,096 bytes after its first 16. As soon as the bytes can't be a header, the connection
 * is refused. {@link #over} waits for a slow header until the server closes the connection.
 *
 * <p>Immutable. Any number of threads and servers can use the same instance.
 */
public final class ProxyProtocol implements Layer {
    private final List<Network> trusted;

    private ProxyProtocol(List<Network> trusted) {
        this.trusted = trusted;
    }

    /**
     * Returns a layer for servers whose peers are proxies in the given networks, or on Unix sockets.
     *
     * @param trusted the networks of the proxies, at least one; as narrow as possible
     * @return the layer
     * @throws IllegalArgumentException if there is no network
     */
    public static ProxyProtocol from(Network... trusted) {
        Objects.requireNonNull(trusted, "trusted");
        for (Network network : trusted) {
            Objects.requireNonNull(network, "trusted");
        }
        if (trusted.length == 0) {
            throw new IllegalArgumentException(
                    "there are 0 trusted networks; there must be 1 or more, or use fromUnix() for Unix sockets only");
        }
        return new ProxyProtocol(List.of(trusted));
    }

    /**
     * Returns a layer for servers on Unix sockets only. It refuses every peer that has an IP address.
     *
     * @return the layer
     */
    public static ProxyProtocol fromUnix() {
        return new ProxyProtocol(List.of());
    }

    /**
     * Reads the header.
     *
     * @param below the connection below; nothing is read from it if its peer is not trusted
     * @return the connection above, with the client's addresses and the attribute {@link ProxyHeader}
     * @throws java.net.ProtocolException if the peer sends anything else than a valid header; the message says what is
     *     wrong, with value and bound
     * @throws org.socketserver.api.DisconnectedException if the input ends before or in the header
     * @throws IOException if the peer is not trusted; the message has its address and the trusted networks. Also if
     *     reading fails.
     */
    @Override
    public Connection over(Connection below) throws IOException {
        requireTrusted(below.remoteAddress());
        return new ProxiedConnection(below, HeaderReader.read(below));
    }

    private void requireTrusted(SocketAddress peer) throws IOException {
        boolean isTrusted = !(peer instanceof InetSocketAddress inet)
                || !inet.isUnresolved() && trusted.stream().anyMatch(network -> network.contains(inet.getAddress()));
        if (!isTrusted) {
            throw new IOException(AddressText.of(peer) + " is not trusted to send PROXY headers; trusted are "
                    + (trusted.isEmpty() ? "only peers on Unix sockets" : trusted));
        }
    }

    /**
     * Returns true: the client's address is in the header.
     *
     * @return true
     */
    @Override
    public boolean identifiesClient() {
        return true;
    }

    @Override
    public String toString() {
        return "PROXY from " + (trusted.isEmpty() ? "Unix sockets" : trusted);
    }

    private static final class ProxiedConnection extends FilterConnection {
        private final ProxyHeader header;

        ProxiedConnection(Connection below, ProxyHeader header) {
            super(below);
            this.header = header;
        }

        @Override
        public SocketAddress remoteAddress() {
            return header.source().map(SocketAddress.class::cast).orElseGet(super::remoteAddress);
        }

        @Override
        public SocketAddress localAddress() {
            return header.destination().map(SocketAddress.class::cast).orElseGet(super::localAddress);
        }

        @Override
        public <T> Optional<T> attribute(Class<T> type) {
            return type == ProxyHeader.class ? Optional.of(type.cast(header)) : super.attribute(type);
        }
    }
}
