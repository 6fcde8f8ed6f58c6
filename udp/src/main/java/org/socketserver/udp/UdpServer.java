package org.socketserver.udp;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.DatagramServer;
import org.socketserver.api.spi.InternetFamily;

/**
 * A server for UDP packets over IPv4 and IPv6.
 *
 * <pre>{@code
 * try (var server = new UdpServer(new InetSocketAddress("127.0.0.1", 8088), Answer.class)) {
 *     server.serveForever();
 * }
 * }</pre>
 *
 * <p>The family follows from the address; a wildcard address serves both (see {@link
 * ServerOptions.Builder#dualStack(boolean)}), and IPv4 peers then have IPv4 addresses. Port 0 lets the system choose;
 * after binding {@link #address()} has the real one. Replies leave from the server's socket, so they have its port. Of
 * the options it uses {@code reusePort}, {@code dualStack}, {@code broadcast}, the buffer sizes, {@code
 * maxDatagramSize}, {@code deliverTruncated}, and the general ones.
 *
 * <p><b>Forged senders.</b> Packets from port 0 and from the server's own address are dropped and counted; two servers
 * that answer every packet can still be made to answer each other for ever: see {@link DatagramServer}. On a wildcard
 * address, packets of other programs on this host that use the server's port are dropped too, for example of a second
 * server with {@code reusePort}.
 *
 * <p>States, threads and failures are those of {@link org.socketserver.api.server.BaseServer}.
 */
public class UdpServer extends DatagramServer {
    /** 65,535 bytes of an IPv4 packet without its header (20 bytes, RFC 791) and that of UDP (8 bytes, RFC 768). */
    private static final int MAX_IPV4_PAYLOAD = 65_507;
    /** An IPv6 payload of 65,535 bytes (RFC 8200) without the UDP header. */
    private static final int MAX_IPV6_PAYLOAD = 65_527;

    private final InetSocketAddress requested;
    private final List<Membership> memberships = new ArrayList<>();

    /**
     * Makes a server with default options. Does not touch the network.
     *
     * @param address where to serve; must be resolved
     * @param handler a class with a constructor without parameters; a new instance handles each packet
     * @throws IllegalArgumentException if the address is unresolved or the class can't be made
     */
    public UdpServer(InetSocketAddress address, Class<? extends RequestHandler<? super DatagramRequest>> handler) {
        this(address, handler, ServerOptions.DEFAULTS);
    }

    /**
     * Makes a server. Does not touch the network.
     *
     * @param address where to serve; must be resolved
     * @param handler a class with a constructor without parameters; a new instance handles each packet
     * @param options the options
     * @throws IllegalArgumentException if the address is unresolved or the class can't be made
     */
    public UdpServer(
            InetSocketAddress address,
            Class<? extends RequestHandler<? super DatagramRequest>> handler,
            ServerOptions options) {
        this(address, HandlerSource.ofClass(handler), options);
    }

    /**
     * Makes a server with default options, whose handlers come from a factory of this process.
     *
     * @param address where to serve; must be resolved
     * @param factory gives a new handler for each packet
     * @throws IllegalArgumentException if the address is unresolved
     */
    public UdpServer(InetSocketAddress address, Supplier<? extends RequestHandler<? super DatagramRequest>> factory) {
        this(address, HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Makes a server with default options and one function for all packets.
     *
     * @param address where to serve; must be resolved
     * @param function called for each packet, by many threads at once
     * @throws IllegalArgumentException if the address is unresolved
     */
    public UdpServer(InetSocketAddress address, RequestHandler<? super DatagramRequest> function) {
        this(address, HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Makes a server. Does not touch the network.
     *
     * @param address where to serve; must be resolved
     * @param handlers where handlers come from
     * @param options the options
     * @throws IllegalArgumentException if the address is unresolved
     */
    public UdpServer(InetSocketAddress address, HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        super(InternetFamily.resolved(address), handlers, options);
        requested = address;
    }

    @Override
    public String transport() {
        return "udp";
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) super.address();
    }

    @Override
    protected DatagramChannel openChannel() throws IOException {
        Optional<ProtocolFamily> family = InternetFamily.of(requested, options());
        DatagramChannel channel = family.isPresent() ? DatagramChannel.open(family.get()) : DatagramChannel.open();
        boolean bound = false;
        try {
            ServerOptions options = options();
            if (options.reusePort()) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            if (options.receiveBufferSize() > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferSize());
            }
            if (options.sendBufferSize() > 0) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBufferSize());
            }
            channel.setOption(StandardSocketOptions.SO_BROADCAST, options.broadcast());
            channel.bind(requested);
            bound = true;
            return channel;
        } finally {
            if (!bound) {
                channel.close();
            }
        }
    }

    @Override
    protected SocketAddress boundAddress(DatagramChannel bound) throws IOException {
        return bound.getLocalAddress();
    }

    @Override
    protected int maxPacketSize(SocketAddress target) {
        boolean ipv6 = target instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet6Address;
        return ipv6 ? MAX_IPV6_PAYLOAD : MAX_IPV4_PAYLOAD;
    }

    /**
     * Joins a multicast group, now if the server is bound, else when it binds. Left when the server closes.
     *
     * @param group the group
     * @param networkInterface the interface that its packets come in on
     * @throws IllegalArgumentException if the address is no multicast address, or of an IP version that the server's
     *     socket does not speak
     * @throws IOException if the group can't be joined
     */
    public void join(InetAddress group, NetworkInterface networkInterface) throws IOException {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(networkInterface, "networkInterface");
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException(group.getHostAddress() + " is no multicast address");
        }
        synchronized (memberships) {
            memberships.add(new Membership(group, networkInterface));
            DatagramChannel bound = channel();
            if (bound != null) {
                join(bound, group, networkInterface);
            }
        }
    }

    private static void join(DatagramChannel channel, InetAddress group, NetworkInterface networkInterface)
            throws IOException {
        try {
            channel.join(group, networkInterface);
        } catch (IOException failure) {
            throw new IOException(
                    "can't join " + group.getHostAddress() + " on " + networkInterface.getName() + ": "
                            + failure.getMessage(),
                    failure);
        }
    }

    @Override
    protected SocketAddress serverBind() throws IOException {
        synchronized (memberships) {
            SocketAddress bound = super.serverBind();
            DatagramChannel channel = Objects.requireNonNull(channel());
            for (Membership membership : memberships) {
                join(channel, membership.group, membership.networkInterface);
            }
            return bound;
        }
    }

    /** A multicast group and where it is joined. */
    private record Membership(InetAddress group, NetworkInterface networkInterface) {}
}
