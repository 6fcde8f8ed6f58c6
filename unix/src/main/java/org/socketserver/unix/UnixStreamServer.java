package org.socketserver.unix;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFSocketCapability;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.StreamServer;
import org.socketserver.api.spi.Connection;

/**
 * A server for connections over a Unix-domain socket.
 *
 * <pre>{@code
 * try (var server = new UnixStreamServer("/run/shout.sock", Shout.class)) {
 *     server.serveForever();
 * }
 * }</pre>
 *
 * <p>As text, an address is the path of the socket file, or {@code @name} for an abstract name. For a {@link
 * java.nio.file.Path} use {@link UnixAddress#path}. A path has at most 106 bytes. Constructors do no I/O.
 *
 * <p><b>The socket file.</b> Binding creates it. An existing file is replaced only if it is a socket and no server
 * answers. If a server answers, or in case of doubt, binding fails with "Address already in use". A file that is not a
 * socket, including a symbolic link, is never changed. Closing removes the file if it is still the one that this server
 * created. A server that crashes leaves its file, and the next one replaces it. With {@link
 * ServerOptions#socketFileMode} no client can connect before the file has its permissions. To achieve this, the
 * file is created in a temporary folder next to the path and then linked, so tools that list sockets show another name.
 *
 * <p><b>Abstract names</b> exist only on Linux and need no file. They are served by junixsocket, paths by the JDK. On a
 * virtual thread, a platform thread makes each read and write on an abstract name, which costs a thread switch. The
 * accept loop has its own platform thread, even if another thread calls {@code serveForever}.
 *
 * <p><b>Peers</b> are usually unnamed; {@link PeerCredentials} identifies them.
 *
 * <p>Uses the options {@code backlog}, {@code socketFileMode}, the buffer sizes, and all general options.
 *
 * <p>On a platform without such sockets binding throws {@link UnsupportedOperationException}. States, threads and
 * failures are those of {@link org.socketserver.api.server.BaseServer}.
 */
public class UnixStreamServer extends StreamServer {
    private final UnixAddress requested;
    private volatile @Nullable SocketFile file;

    /**
     * Creates a server that handles each connection with a new instance of a class.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param handler a class with a constructor without parameters
     * @throws IllegalArgumentException if the address is not valid for a server or the class can't be instantiated
     */
    public UnixStreamServer(String address, Class<? extends RequestHandler<? super StreamRequest>> handler) {
        this(UnixAddress.parse(address), HandlerSource.ofClass(handler), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each connection with a new instance of a class.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param handler a class with a constructor without parameters
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server or the class can't be instantiated
     */
    public UnixStreamServer(
            String address, Class<? extends RequestHandler<? super StreamRequest>> handler, ServerOptions options) {
        this(UnixAddress.parse(address), HandlerSource.ofClass(handler), options);
    }

    /**
     * Creates a server that asks a factory for the handler of each connection.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param factory creates a handler for each connection, such as {@code () -> new Chat(room)}
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(String address, RequestHandler.Factory<? super StreamRequest> factory) {
        this(UnixAddress.parse(address), HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that asks a factory for the handler of each connection.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param factory creates a handler for each connection, such as {@code () -> new Chat(room)}
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(
            String address, RequestHandler.Factory<? super StreamRequest> factory, ServerOptions options) {
        this(UnixAddress.parse(address), HandlerSource.ofFactory(factory), options);
    }

    /**
     * Creates a server that handles each connection with the same function.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param function handles every connection; called by many threads at once
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(String address, RequestHandler<? super StreamRequest> function) {
        this(UnixAddress.parse(address), HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each connection with the same function.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param function handles every connection; called by many threads at once
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(String address, RequestHandler<? super StreamRequest> function, ServerOptions options) {
        this(UnixAddress.parse(address), HandlerSource.ofFunction(function), options);
    }

    /**
     * Creates a server that handles each connection with a new instance of a class.
     *
     * @param address the address to bind to
     * @param handler a class with a constructor without parameters
     * @throws IllegalArgumentException if the address is not valid for a server or the class can't be instantiated
     */
    public UnixStreamServer(UnixAddress address, Class<? extends RequestHandler<? super StreamRequest>> handler) {
        this(address, HandlerSource.ofClass(handler), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each connection with a new instance of a class.
     *
     * @param address the address to bind to
     * @param handler a class with a constructor without parameters
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server or the class can't be instantiated
     */
    public UnixStreamServer(
            UnixAddress address,
            Class<? extends RequestHandler<? super StreamRequest>> handler,
            ServerOptions options) {
        this(address, HandlerSource.ofClass(handler), options);
    }

    /**
     * Creates a server that asks a factory for the handler of each connection.
     *
     * @param address the address to bind to
     * @param factory creates a handler for each connection, such as {@code () -> new Chat(room)}
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(UnixAddress address, RequestHandler.Factory<? super StreamRequest> factory) {
        this(address, HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that asks a factory for the handler of each connection.
     *
     * @param address the address to bind to
     * @param factory creates a handler for each connection, such as {@code () -> new Chat(room)}
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(
            UnixAddress address, RequestHandler.Factory<? super StreamRequest> factory, ServerOptions options) {
        this(address, HandlerSource.ofFactory(factory), options);
    }

    /**
     * Creates a server that handles each connection with the same function.
     *
     * @param address the address to bind to
     * @param function handles every connection; called by many threads at once
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(UnixAddress address, RequestHandler<? super StreamRequest> function) {
        this(address, HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each connection with the same function.
     *
     * @param address the address to bind to
     * @param function handles every connection; called by many threads at once
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(
            UnixAddress address, RequestHandler<? super StreamRequest> function, ServerOptions options) {
        this(address, HandlerSource.ofFunction(function), options);
    }

    /**
     * Creates a server.
     *
     * @param address the address to bind to
     * @param handlers where the handlers come from
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixStreamServer(UnixAddress address, HandlerSource<StreamRequest> handlers, ServerOptions options) {
        super(Objects.requireNonNull(address, "address").forServer(), handlers, options);
        requested = address;
    }

    @Override
    public String transport() {
        return "unix";
    }

    @Override
    public UnixAddress address() {
        return (UnixAddress) super.address();
    }

    @Override
    protected ServerSocketChannel openChannel() throws IOException {
        if (requested.isAbstract()) {
            NativeSockets.require("abstract socket names", AFSocketCapability.CAPABILITY_ABSTRACT_NAMESPACE);
            return AFUNIXServerSocketChannel.open();
        }
        try {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (UnsupportedOperationException unknown) {
            throw NativeSockets.unsupported("Unix stream sockets", unknown);
        }
    }

    @Override
    protected void bindChannel(ServerSocketChannel unbound) throws IOException {
        if (requested.isAbstract()) {
            bindAbstract((AFUNIXServerSocketChannel) unbound);
            return;
        }
        Path path = requested.path().orElseThrow();
        file = SocketFile.create(
                path,
                () -> options().socketFileMode().isEmpty()
                        ? bindDirectly(unbound, path)
                        : bindPrivately(unbound, path));
    }

    private SocketFile bindDirectly(ServerSocketChannel unbound, Path path) throws IOException {
        unbound.bind(UnixDomainSocketAddress.of(path), options().backlog());
        return SocketFile.of(path, path);
    }

    /** Creates a socket file that no client can connect to before it has its permissions. */
    private SocketFile bindPrivately(ServerSocketChannel unbound, Path path) throws IOException {
        try (PrivateFolder folder = PrivateFolder.beside(path)) {
            Path first = folder.socket();
            int size = first.toString().getBytes(UnixAddress.pathCharset()).length;
            if (size > UnixAddress.MAX_SERVER_PATH) {
                throw new BindException(
                        "to set its mode, the socket file is first created under another name, and " + first + " has "
                                + size + " bytes; a Unix socket allows at most " + UnixAddress.MAX_SERVER_PATH);
            }
            unbound.bind(UnixDomainSocketAddress.of(first), options().backlog());
            Files.setPosixFilePermissions(first, options().socketFileMode());
            SocketFile created = SocketFile.of(path, first);
            // Unlike a rename, a link never replaces a file that was created meanwhile (link(2): EEXIST).
            Files.createLink(path, first);
            return created;
        }
    }

    private void bindAbstract(AFUNIXServerSocketChannel unbound) throws IOException {
        unbound.setOption(StandardSocketOptions.SO_REUSEADDR, false);
        unbound.setDeleteOnClose(false);
        // junixsocket tries to connect before it binds, which waits forever if the queue of a live server is full.
        unbound.configureBlocking(false);
        try {
            unbound.bind(requested.forLibrary(), options().backlog());
        } catch (IOException failure) {
            if (String.valueOf(failure.getMessage()).contains("temporarily unavailable")) {
                throw SocketFile.explained("Address already in use (its queue is full)", failure);
            }
            throw failure;
        }
    }

    /** Returns the requested address, with a path as it was written. */
    @Override
    protected SocketAddress boundAddress(ServerSocketChannel bound) {
        return requested;
    }

    @Override
    protected Connection newConnection(SocketChannel accepted) throws IOException {
        return accepted instanceof AFUNIXSocketChannel channel
                ? new NativeConnection(channel, requested)
                : new FileConnection(accepted, requested);
    }

    /**
     * Returns the peer's user, because peers have no address. If the platform does not provide it, all peers count as
     * one client.
     */
    @Override
    protected Object clientKey(StreamRequest request) {
        return PeerCredentials.of(request).<Object>map(PeerCredentials::user).orElse(request.clientAddress());
    }

    @Override
    public void serveForever(Duration pollInterval) throws IOException {
        serve(() -> {
            super.serveForever(pollInterval);
            return true;
        });
    }

    @Override
    public boolean handleRequest(Duration timeout) throws IOException {
        return serve(() -> super.handleRequest(timeout));
    }

    private boolean serve(PlatformThreads.Call<Boolean> loop) throws IOException {
        return requested.isAbstract() ? PlatformThreads.serve(loop, this) : loop.call();
    }

    @Override
    protected void serverClose() throws IOException {
        Closeable socket = super::serverClose;
        SocketFile made = file;
        file = null;
        try (socket;
                made) {
            // Closes them in the reverse order: see SocketFile.
        }
    }
}
