package org.socketserver.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.function.Supplier;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.StreamServer;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.InternetFamily;

/**
 * A server for TCP connections over IPv4 and IPv6.
 *
 * <pre>{@code
 * try (var server = new TcpServer(new InetSocketAddress("127.0.0.1", 8087), Shout.class)) {
 *     server.serveForever();
 * }
 * }</pre>
 *
 * <p>The family follows from the address; a wildcard address serves both (see {@link
 * ServerOptions.Builder#dualStack(boolean)}), and IPv4 peers then have IPv4 addresses. Port 0 lets the system choose;
 * after binding {@link #address()} has the real one. Of the options it uses {@code backlog}, {@code reuseAddress},
 * {@code reusePort}, {@code dualStack}, {@code noDelay}, {@code keepAlive}, the buffer sizes, and the general ones.
 *
 * <p>States, threads and failures are those of {@link org.socketserver.api.server.BaseServer}.
 */
public class TcpServer extends StreamServer {
    private final InetSocketAddress requested;

    /**
     * Makes a server with default options. Does not touch the network.
     *
     * @param address where to serve; must be resolved
     * @param handler a class with a constructor without parameters; a new instance handles each connection
     * @throws IllegalArgumentException if the address is unresolved or the class can't be made
     */
    public TcpServer(InetSocketAddress address, Class<? extends RequestHandler<? super StreamRequest>> handler) {
        this(address, handler, ServerOptions.DEFAULTS);
    }

    /**
     * Makes a server. Does not touch the network.
     *
     * @param address where to serve; must be resolved
     * @param handler a class with a constructor without parameters; a new instance handles each connection
     * @param options the options
     * @throws IllegalArgumentException if the address is unresolved or the class can't be made
     */
    public TcpServer(
            InetSocketAddress address,
            Class<? extends RequestHandler<? super StreamRequest>> handler,
            ServerOptions options) {
        this(address, HandlerSource.ofClass(handler), options);
    }

    /**
     * Makes a server with default options, whose handlers come from a factory of this process.
     *
     * @param address where to serve; must be resolved
     * @param factory gives a new handler for each connection
     * @throws IllegalArgumentException if the address is unresolved
     */
    public TcpServer(InetSocketAddress address, Supplier<? extends RequestHandler<? super StreamRequest>> factory) {
        this(address, HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Makes a server with default options and one function for all connections.
     *
     * @param address where to serve; must be resolved
     * @param function called for each connection, by many threads at once
     * @throws IllegalArgumentException if the address is unresolved
     */
    public TcpServer(InetSocketAddress address, RequestHandler<? super StreamRequest> function) {
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
    public TcpServer(InetSocketAddress address, HandlerSource<StreamRequest> handlers, ServerOptions options) {
        super(InternetFamily.resolved(address), handlers, options);
        requested = address;
    }

    @Override
    public String transport() {
        return "tcp";
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) super.address();
    }

    @Override
    protected ServerSocketChannel openChannel() throws IOException {
        Optional<ProtocolFamily> family = InternetFamily.of(requested, options());
        ServerSocketChannel channel =
                family.isPresent() ? ServerSocketChannel.open(family.get()) : ServerSocketChannel.open();
        boolean bound = false;
        try {
            ServerOptions options = options();
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress());
            if (options.reusePort()) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            if (options.receiveBufferSize() > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferSize());
            }
            channel.bind(requested, options.backlog());
            bound = true;
            return channel;
        } finally {
            if (!bound) {
                channel.close();
            }
        }
    }

    @Override
    protected SocketAddress boundAddress(ServerSocketChannel bound) throws IOException {
        return bound.getLocalAddress();
    }

    @Override
    protected Connection newConnection(SocketChannel accepted) throws IOException {
        ServerOptions options = options();
        if (options.noDelay()) {
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        if (options.keepAlive()) {
            accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        if (options.sendBufferSize() > 0) {
            accepted.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBufferSize());
        }
        return new TcpConnection(accepted, accepted.getLocalAddress(), accepted.getRemoteAddress());
    }
}
