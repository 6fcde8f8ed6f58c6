package org.socketserver.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.StreamServer;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.InternetFamily;

/**
 * A server for TCP connections over IPv4 and IPv6.
 *
 * <pre>{@code
 * try (var server = new TcpServer("127.0.0.1:8087", Shout.class)) {
 *     server.serveForever();
 * }
 * }</pre>
 *
 * <p>As text, an address is a host and a port: {@code 127.0.0.1:8087}, {@code [::1]:8087}, {@code localhost:8087}, or
 * {@code *:8087} for all addresses of this host. Constructors do no I/O: a host name is looked up when the server
 * binds.
 *
 * <p>The address determines the protocol family. A wildcard address serves both IPv4 and IPv6 (see {@link
 * ServerOptions#dualStack(boolean)}); IPv4 peers have IPv4 addresses in any case. With port 0 the system
 * chooses a port, and {@link #address()} returns the real one after binding.
 *
 * <p>Uses the options {@code backlog}, {@code reuseAddress}, {@code reusePort}, {@code dualStack}, {@code noDelay},
 * {@code keepAlive}, the buffer sizes, and all general options.
 *
 * <p>States, threads and failures are those of {@link org.socketserver.api.server.BaseServer}.
 */
public class TcpServer extends StreamServer {
    private final InetSocketAddress requested;

    /** The requested address; its host name is looked up each time when the server binds. */
    private volatile InetSocketAddress resolved;

    /**
     * Creates a server that handles each connection with a new instance of a class.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8087}
     * @param handler a class with a constructor without parameters
     * @throws IllegalArgumentException if the text is not an address or the class can't be instantiated
     */
    public TcpServer(String address, Class<? extends RequestHandler<? super StreamRequest>> handler) {
        this(AddressText.parse(address), HandlerSource.ofClass(handler), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each connection with a new instance of a class.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8087}
     * @param handler a class with a constructor without parameters
     * @param options the options of the server
     * @throws IllegalArgumentException if the text is not an address or the class can't be instantiated
     */
    public TcpServer(
            String address, Class<? extends RequestHandler<? super StreamRequest>> handler, ServerOptions options) {
        this(AddressText.parse(address), HandlerSource.ofClass(handler), options);
    }

    /**
     * Creates a server that asks a factory for the handler of each connection.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8087}
     * @param factory creates a handler for each connection, such as {@code () -> new Chat(room)}
     * @throws IllegalArgumentException if the text is not an address
     */
    public TcpServer(String address, RequestHandler.Factory<? super StreamRequest> factory) {
        this(AddressText.parse(address), HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that asks a factory for the handler of each connection.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8087}
     * @param factory creates a handler for each connection, such as {@code () -> new Chat(room)}
     * @param options the options of the server
     * @throws IllegalArgumentException if the text is not an address
     */
    public TcpServer(String address, RequestHandler.Factory<? super StreamRequest> factory, ServerOptions options) {
        this(AddressText.parse(address), HandlerSource.ofFactory(factory), options);
    }

    /**
     * Creates a server that handles each connection with the same function.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8087}
     * @param function handles every connection; called by many threads at once
     * @throws IllegalArgumentException if the text is not an address
     */
    public TcpServer(String address, RequestHandler<? super StreamRequest> function) {
        this(AddressText.parse(address), HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each connection with the same function.
     *
     * @param address the address to bind to, such as {@code 127.0.0.1:8087}
     * @param function handles every connection; called by many threads at once
     * @param options the options of the server
     * @throws IllegalArgumentException if the text is not an address
     */
    public TcpServer(String address, RequestHandler<? super StreamRequest> function, ServerOptions options) {
        this(AddressText.parse(address), HandlerSource.ofFunction(function), options);
    }

    /**
     * Creates a server that handles each connection with a new instance of a class.
     *
     * @param address the address to bind to
     * @param handler a class with a constructor without parameters
     * @throws IllegalArgumentException if the class can't be instantiated
     */
    public TcpServer(InetSocketAddress address, Class<? extends RequestHandler<? super StreamRequest>> handler) {
        this(address, HandlerSource.ofClass(handler), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each connection with a new instance of a class.
     *
     * @param address the address to bind to
     * @param handler a class with a constructor without parameters
     * @param options the options of the server
     * @throws IllegalArgumentException if the class can't be instantiated
     */
    public TcpServer(
            InetSocketAddress address,
            Class<? extends RequestHandler<? super StreamRequest>> handler,
            ServerOptions options) {
        this(address, HandlerSource.ofClass(handler), options);
    }

    /**
     * Creates a server that asks a factory for the handler of each connection.
     *
     * @param address the address to bind to
     * @param factory creates a handler for each connection, such as {@code () -> new Chat(room)}
     */
    public TcpServer(InetSocketAddress address, RequestHandler.Factory<? super StreamRequest> factory) {
        this(address, HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that asks a factory for the handler of each connection.
     *
     * @param address the address to bind to
     * @param factory creates a handler for each connection, such as {@code () -> new Chat(room)}
     * @param options the options of the server
     */
    public TcpServer(
            InetSocketAddress address, RequestHandler.Factory<? super StreamRequest> factory, ServerOptions options) {
        this(address, HandlerSource.ofFactory(factory), options);
    }

    /**
     * Creates a server that handles each connection with the same function.
     *
     * @param address the address to bind to
     * @param function handles every connection; called by many threads at once
     */
    public TcpServer(InetSocketAddress address, RequestHandler<? super StreamRequest> function) {
        this(address, HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each connection with the same function.
     *
     * @param address the address to bind to
     * @param function handles every connection; called by many threads at once
     * @param options the options of the server
     */
    public TcpServer(InetSocketAddress address, RequestHandler<? super StreamRequest> function, ServerOptions options) {
        this(address, HandlerSource.ofFunction(function), options);
    }

    /**
     * Creates a server.
     *
     * @param address the address to bind to
     * @param handlers where the handlers come from
     * @param options the options of the server
     */
    public TcpServer(InetSocketAddress address, HandlerSource<StreamRequest> handlers, ServerOptions options) {
        super(address, handlers, options);
        requested = address;
        resolved = address;
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
        resolved = InternetFamily.resolve(requested);
        Optional<ProtocolFamily> family = InternetFamily.of(resolved, options());
        return family.isPresent() ? ServerSocketChannel.open(family.get()) : ServerSocketChannel.open();
    }

    @Override
    protected void bindChannel(ServerSocketChannel unbound) throws IOException {
        unbound.setOption(StandardSocketOptions.SO_REUSEADDR, options().reuseAddress());
        if (options().reusePort()) {
            unbound.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
        unbound.bind(resolved, options().backlog());
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
        return new TcpConnection(accepted, accepted.getLocalAddress(), accepted.getRemoteAddress());
    }
}
