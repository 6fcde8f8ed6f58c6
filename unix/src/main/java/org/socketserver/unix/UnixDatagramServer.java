package org.socketserver.unix;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFSocketCapability;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.DatagramServer;

/**
 * A server for packets over a Unix-domain socket, on junixsocket.
 *
 * <pre>{@code
 * try (var server = new UnixDatagramServer("/run/answer.sock", Answer.class)) {
 *     server.serveForever();
 * }
 * }</pre>
 *
 * <p>As text, an address is the path of the socket file, or {@code @name} for an abstract name. For a {@link
 * java.nio.file.Path} use {@link UnixAddress#path}. A path has at most 106 bytes. Constructors do no I/O.
 *
 * <p><b>The socket file</b> follows the rules of {@link UnixStreamServer}. Its permissions are those of {@link
 * ServerOptions#socketFileMode}, or otherwise those that the umask leaves. On Linux no client can send before
 * the file has its permissions; until then a sender gets EPERM. If this process is starting another process at that
 * moment, binding waits for some milliseconds until it is executed, and fails after 10 s. On other systems the file is
 * writable for everybody for a moment, so put it into a folder that only its users can enter. Abstract names exist only
 * on Linux.
 *
 * <p><b>Senders.</b> {@link DatagramRequest#clientAddress()} is a path, an abstract name, or unnamed. An unnamed sender
 * has not bound its socket and can't be answered: a reply throws {@link org.socketserver.api.DisconnectedException}. So
 * does a reply to a sender that is closed or that the server can't reach at its address. None of this affects the
 * server. NULs at the end of an abstract name are not part of it here. A client that binds such a name, for example a C
 * program that passes the whole {@code sizeof(struct sockaddr_un)}, can't be answered.
 *
 * <p>A packet from the server's own address is dropped and counted: see {@link DatagramServer}. The server resolves a
 * sender's relative path in its own working directory, so a client can direct a reply to another server. In this way,
 * two servers that answer every packet can be made to answer each other forever.
 *
 * <p><b>Sizes.</b> The sender's send buffer limits a packet: on Linux to 32 bytes less than {@code SO_SNDBUF}, which is
 * 212,960 bytes by default. {@link ServerOptions#maxDatagramSize} limits what is received. Packets are never
 * lost: if the receiver's queue is full (11 packets by default on Linux, {@code net.unix.max_dgram_qlen}), senders
 * wait, and a reply waits up to the write deadline.
 *
 * <p><b>System calls.</b> On Linux (x86-64, aarch64) with Java 22 or later and native access enabled for this module,
 * packets are received and sent by the JDK's foreign functions, otherwise by junixsocket at about half the speed. On
 * the class path of Java 24 and later, native access is enabled without an option, with a warning from the JVM.
 *
 * <p><b>Empty packets</b> are rejected when sent and dropped when received, because junixsocket can't distinguish them
 * from no packet.
 *
 * <p>The accept loop, and the handlers if there is no mix-in, run on this server's own platform thread, even if another
 * thread calls {@code serveForever}; that thread waits.
 *
 * <p>Uses the options {@code socketFileMode}, {@code maxDatagramSize}, {@code deliverTruncated}, the buffer sizes, and
 * all general options. On a platform without such sockets, or if junixsocket's native library can't be loaded, binding
 * throws {@link UnsupportedOperationException}. States, threads and failures are those of
 * {@link org.socketserver.api.server.BaseServer}.
 */
public class UnixDatagramServer extends DatagramServer {
    /** The part of the send buffer that Linux reserves: {@code unix_dgram_sendmsg}, {@code sk_sndbuf - 32}. */
    private static final int KEPT_OF_SEND_BUFFER = 32;

    private final UnixAddress requested;
    private volatile @Nullable SocketFile file;
    private volatile @Nullable PacketCalls packets;
    private volatile int maxPacketSize;

    /**
     * Creates a server that handles each packet with a new instance of a class.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param handler a class with a constructor without parameters
     * @throws IllegalArgumentException if the address is not valid for a server or the class can't be instantiated
     */
    public UnixDatagramServer(String address, Class<? extends RequestHandler<? super DatagramRequest>> handler) {
        this(UnixAddress.parse(address), HandlerSource.ofClass(handler), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each packet with a new instance of a class.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param handler a class with a constructor without parameters
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server or the class can't be instantiated
     */
    public UnixDatagramServer(
            String address, Class<? extends RequestHandler<? super DatagramRequest>> handler, ServerOptions options) {
        this(UnixAddress.parse(address), HandlerSource.ofClass(handler), options);
    }

    /**
     * Creates a server that asks a factory for the handler of each packet.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param factory creates a handler for each packet, such as {@code () -> new Chat(room)}
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixDatagramServer(String address, RequestHandler.Factory<? super DatagramRequest> factory) {
        this(UnixAddress.parse(address), HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that asks a factory for the handler of each packet.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param factory creates a handler for each packet, such as {@code () -> new Chat(room)}
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixDatagramServer(
            String address, RequestHandler.Factory<? super DatagramRequest> factory, ServerOptions options) {
        this(UnixAddress.parse(address), HandlerSource.ofFactory(factory), options);
    }

    /**
     * Creates a server that handles each packet with the same function.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param function handles every packet; called by many threads at once
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixDatagramServer(String address, RequestHandler<? super DatagramRequest> function) {
        this(UnixAddress.parse(address), HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each packet with the same function.
     *
     * @param address the path of the socket file, or {@code @name}
     * @param function handles every packet; called by many threads at once
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixDatagramServer(String address, RequestHandler<? super DatagramRequest> function, ServerOptions options) {
        this(UnixAddress.parse(address), HandlerSource.ofFunction(function), options);
    }

    /**
     * Creates a server that handles each packet with a new instance of a class.
     *
     * @param address the address to bind to
     * @param handler a class with a constructor without parameters
     * @throws IllegalArgumentException if the address is not valid for a server or the class can't be instantiated
     */
    public UnixDatagramServer(UnixAddress address, Class<? extends RequestHandler<? super DatagramRequest>> handler) {
        this(address, HandlerSource.ofClass(handler), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each packet with a new instance of a class.
     *
     * @param address the address to bind to
     * @param handler a class with a constructor without parameters
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server or the class can't be instantiated
     */
    public UnixDatagramServer(
            UnixAddress address,
            Class<? extends RequestHandler<? super DatagramRequest>> handler,
            ServerOptions options) {
        this(address, HandlerSource.ofClass(handler), options);
    }

    /**
     * Creates a server that asks a factory for the handler of each packet.
     *
     * @param address the address to bind to
     * @param factory creates a handler for each packet, such as {@code () -> new Chat(room)}
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixDatagramServer(UnixAddress address, RequestHandler.Factory<? super DatagramRequest> factory) {
        this(address, HandlerSource.ofFactory(factory), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that asks a factory for the handler of each packet.
     *
     * @param address the address to bind to
     * @param factory creates a handler for each packet, such as {@code () -> new Chat(room)}
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixDatagramServer(
            UnixAddress address, RequestHandler.Factory<? super DatagramRequest> factory, ServerOptions options) {
        this(address, HandlerSource.ofFactory(factory), options);
    }

    /**
     * Creates a server that handles each packet with the same function.
     *
     * @param address the address to bind to
     * @param function handles every packet; called by many threads at once
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixDatagramServer(UnixAddress address, RequestHandler<? super DatagramRequest> function) {
        this(address, HandlerSource.ofFunction(function), ServerOptions.DEFAULTS);
    }

    /**
     * Creates a server that handles each packet with the same function.
     *
     * @param address the address to bind to
     * @param function handles every packet; called by many threads at once
     * @param options the options of the server
     * @throws IllegalArgumentException if the address is not valid for a server
     */
    public UnixDatagramServer(
            UnixAddress address, RequestHandler<? super DatagramRequest> function, ServerOptions options) {
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
    public UnixDatagramServer(UnixAddress address, HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        super(Objects.requireNonNull(address, "address").forServer(), handlers, options);
        requested = address;
    }

    @Override
    public String transport() {
        return "unix-datagram";
    }

    @Override
    public UnixAddress address() {
        return (UnixAddress) super.address();
    }

    @Override
    protected DatagramChannel openChannel() throws IOException {
        NativeSockets.require("Unix datagram sockets", AFSocketCapability.CAPABILITY_UNIX_DATAGRAMS);
        if (requested.isAbstract()) {
            NativeSockets.require("abstract socket names", AFSocketCapability.CAPABILITY_ABSTRACT_NAMESPACE);
        }
        return AFUNIXDatagramChannel.open();
    }

    @Override
    protected void bindChannel(DatagramChannel unbound) throws IOException {
        AFUNIXDatagramChannel socket = (AFUNIXDatagramChannel) unbound;
        file = DatagramBinding.bind(socket, requested, options().socketFileMode());
        packets = PacketCalls.of(socket);
        maxPacketSize = socket.getOption(StandardSocketOptions.SO_SNDBUF) - KEPT_OF_SEND_BUFFER;
    }

    /** Returns the requested address, with a path as it was written. */
    @Override
    protected SocketAddress boundAddress(DatagramChannel bound) {
        return requested;
    }

    @Override
    protected int maxPacketSize(SocketAddress target) {
        return maxPacketSize;
    }

    @Override
    protected @Nullable SocketAddress receive(DatagramChannel bound, ByteBuffer target) throws IOException {
        PacketCalls current = packets;
        return current == null ? null : current.receive(target);
    }

    @Override
    protected boolean offer(DatagramChannel bound, ByteBuffer source, SocketAddress target) throws IOException {
        if (!(target instanceof UnixAddress address)) {
            throw new IllegalArgumentException(target + " is not a Unix address");
        }
        PacketCalls current = packets;
        if (current == null) {
            throw new ClosedChannelException();
        }
        return current.offer(source, address);
    }

    @Override
    protected void sendEmpty(DatagramChannel bound, SocketAddress target) throws IOException {
        throw new IOException("an empty packet can't be sent over a Unix socket");
    }

    @Override
    public void serveForever(Duration pollInterval) throws IOException {
        PlatformThreads.serve(
                () -> {
                    super.serveForever(pollInterval);
                    return true;
                },
                this);
    }

    @Override
    public boolean handleRequest(Duration timeout) throws IOException {
        return PlatformThreads.serve(() -> super.handleRequest(timeout), this);
    }

    @Override
    protected void serverClose() throws IOException {
        Closeable socket = super::serverClose;
        PacketCalls calls = packets;
        SocketFile made = file;
        packets = null;
        file = null;
        try (socket;
                calls;
                made) {
            // Closes them in the reverse order.
        }
    }
}
