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
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.DatagramServer;
import org.socketserver.api.spi.InternetFamily;

/**
 * A server for UDP packets over IPv4 and IPv6.
 *
 * <pre>{@code
 * try (var server = new UdpServer("127.0.0.1:8088", Answer.class)) {
 *     server.serveForever();
 * }
 * }</pre>
 *
 * <p>As text, an address is a host and a port: {@code 127.0.0.1:8088}, {@code [::1]:8088}, {@code localhost:8088}, or
 * {@code *:8088} for all addresses of this host. Constructors do no I/O: a host name is looked up when the server
 * binds.
 *
 * <p>The address determines the protocol family. A wildcard address serves both IPv4 and IPv6 (see {@link
 * ServerOptions#dualStack(boolean)}); IPv4 peers have IPv4 addresses in any case. With port 0 the system
 * chooses a port, and {@link #address()} returns the real one after binding. Replies are sent from the server's socket,
 * so they come from its port.
 *
 * <p>Uses the options {@code reusePort}, {@code dualStack}, {@code broadcast}, {@code maxDatagramSize}, {@code
 * deliverTruncated}, the buffer sizes, and all general options.
 *
 * <p><b>Forged senders.</b> Packets from port 0 and from the server's own address are dropped and counted. Two servers
 * that answer every packet can still be made to answer each other forever: see {@link DatagramServer}. On a wildcard
 * address, packets from other programs on this host that use the server's port are also dropped, for example from a
 * second server with {@code reusePort}.
 *
 * <p>States, threads and failures are those of {@link org.socketserver.api.server.BaseServer}.
 */
public class UdpServer extends DatagramServer {
    /** 65,535 bytes of an IPv4 packet, without its header (20 bytes, RFC 791) and the UDP header (8 bytes, RFC 768). */
    private static final int MAX_IPV4_PAYLOAD = 65_507;
    /** An IPv6 payload of 65,535 bytes (RFC 8200) without the UDP header. */
    private static final int MAX_IPV6_PAYLOAD = 65_527;

    private final InetSocketAddress requested;

    /** The requested address; its host name is looked up each time when the server binds. */
    private volatile InetSocketAddress resolved;

    private final List<Membership> memberships = new ArrayList<>();

    /**
     * Creates a server that handles each packet with a new instance of a class.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8088}
     * @param handler a class with a constructor without parameters
     * @throws IllegalArgumentException if the text is not an address or the class can't be instantiated
     */
    public UdpServer(String address, Class<? extends RequestHandler<? super DatagramRequest>> handler) {
        this(AddressText.parse(address), HandlerSource.ofClass(handler), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each packet with a new instance of a class.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8088}
     * @param handler a class with a constructor without parameters
     * @param options the options of the server
     * @throws IllegalArgumentException if the text is not an address or the class can't be instantiated
     */
    public UdpServer(
            String address, Class<? extends RequestHandler<? super DatagramRequest>> handler, ServerOptions options) {
        this(AddressText.parse(address), HandlerSource.ofClass(handler), options);
    }

    /**
     * Creates a server that asks a factory for the handler of each packet.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8088}
     * @param factory creates a handler for each packet, such as {@code () -> new Chat(room)}
     * @throws IllegalArgumentException if the text is not an address
     */
    public UdpServer(String address, RequestHandler.Factory<? super DatagramRequest> factory) {
        this(AddressText.parse(address), HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that asks a factory for the handler of each packet.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8088}
     * @param factory creates a handler for each packet, such as {@code () -> new Chat(room)}
     * @param options the options of the server
     * @throws IllegalArgumentException if the text is not an address
     */
    public UdpServer(String address, RequestHandler.Factory<? super DatagramRequest> factory, ServerOptions options) {
        this(AddressText.parse(address), HandlerSource.ofFactory(factory), options);
    }

    /**
     * Creates a server that handles each packet with the same function.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8088}
     * @param function handles every packet; called by many threads at once
     * @throws IllegalArgumentException if the text is not an address
     */
    public UdpServer(String address, RequestHandler<? super DatagramRequest> function) {
        this(AddressText.parse(address), HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each packet with the same function.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8088}
     * @param function handles every packet; called by many threads at once
     * @param options the options of the server
     * @throws IllegalArgumentException if the text is not an address
     */
    public UdpServer(String address, RequestHandler<? super DatagramRequest> function, ServerOptions options) {
        this(AddressText.parse(address), HandlerSource.ofFunction(function), options);
    }

    /**
     * Creates a server that handles each packet with a new instance of a class.
     *
     * @param address the address to bind to
     * @param handler a class with a constructor without parameters
     * @throws IllegalArgumentException if the class can't be instantiated
     */
    public UdpServer(InetSocketAddress address, Class<? extends RequestHandler<? super DatagramRequest>> handler) {
        this(address, HandlerSource.ofClass(handler), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each packet with a new instance of a class.
     *
     * @param address the address to bind to
     * @param handler a class with a constructor without parameters
     * @param options the options of the server
     * @throws IllegalArgumentException if the class can't be instantiated
     */
    public UdpServer(
            InetSocketAddress address,
            Class<? extends RequestHandler<? super DatagramRequest>> handler,
            ServerOptions options) {
        this(address, HandlerSource.ofClass(handler), options);
    }

    /**
     * Creates a server that asks a factory for the handler of each packet.
     *
     * @param address the address to bind to
     * @param factory creates a handler for each packet, such as {@code () -> new Chat(room)}
     */
    public UdpServer(InetSocketAddress address, RequestHandler.Factory<? super DatagramRequest> factory) {
        this(address, HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that asks a factory for the handler of each packet.
     *
     * @param address the address to bind to
     * @param factory creates a handler for each packet, such as {@code () -> new Chat(room)}
     * @param options the options of the server
     */
    public UdpServer(
            InetSocketAddress address, RequestHandler.Factory<? super DatagramRequest> factory, ServerOptions options) {
        this(address, HandlerSource.ofFactory(factory), options);
    }

    /**
     * Creates a server that handles each packet with the same function.
     *
     * @param address the address to bind to
     * @param function handles every packet; called by many threads at once
     */
    public UdpServer(InetSocketAddress address, RequestHandler<? super DatagramRequest> function) {
        this(address, HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each packet with the same function.
     *
     * @param address the address to bind to
     * @param function handles every packet; called by many threads at once
     * @param options the options of the server
     */
    public UdpServer(
            InetSocketAddress address, RequestHandler<? super DatagramRequest> function, ServerOptions options) {
        this(address, HandlerSource.ofFunction(function), options);
    }

    /**
     * Creates a server.
     *
     * @param address the address to bind to
     * @param handlers where the handlers come from
     * @param options the options of the server
     */
    public UdpServer(InetSocketAddress address, HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        super(address, handlers, options);
        requested = address;
        resolved = address;
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
        resolved = InternetFamily.resolve(requested);
        Optional<ProtocolFamily> family = InternetFamily.of(resolved, options());
        return family.isPresent() ? DatagramChannel.open(family.get()) : DatagramChannel.open();
    }

    @Override
    protected void bindChannel(DatagramChannel unbound) throws IOException {
        if (options().reusePort()) {
            unbound.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
        unbound.setOption(StandardSocketOptions.SO_BROADCAST, options().broadcast());
        unbound.bind(resolved);
    }

    @Override
    protected int maxPacketSize(SocketAddress target) {
        boolean ipv6 = target instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet6Address;
        return ipv6 ? MAX_IPV6_PAYLOAD : MAX_IPV4_PAYLOAD;
    }

    /**
     * Joins a multicast group: now if the server is bound, otherwise when it binds. Closing the server leaves the
     * group.
     *
     * @param group the group
     * @param networkInterface the interface on which its packets arrive
     * @throws IllegalArgumentException if the address is not a multicast address, or the server's socket does not
     *     support its IP version
     * @throws IOException if the group can't be joined
     */
    public void join(InetAddress group, NetworkInterface networkInterface) throws IOException {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(networkInterface, "networkInterface");
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException(group.getHostAddress() + " is not a multicast address");
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

    /** A multicast group and the interface on which it is joined. */
    private record Membership(InetAddress group, NetworkInterface networkInterface) {}
}
