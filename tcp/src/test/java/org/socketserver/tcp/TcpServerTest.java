package org.socketserver.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.Connection;

class TcpServerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final RequestHandler<StreamRequest> ECHO =
            request -> request.input().transferTo(request.output());

    /** Created by the server without arguments, or by a factory with a shared counter. */
    public static final class Echo extends BaseRequestHandler<StreamRequest> {
        private final AtomicInteger handled;

        public Echo() {
            this(new AtomicInteger());
        }

        Echo(AtomicInteger handled) {
            this.handled = handled;
        }

        @Override
        public void handle() throws IOException {
            request().input().transferTo(request().output());
            handled.incrementAndGet();
        }
    }

    private static void assertEchoes(InetAddress host, TcpServer server) throws IOException {
        try (Socket socket = new Socket(host, server.address().getPort())) {
            socket.getOutputStream().write(new byte[] {'h', 'i'});
            socket.shutdownOutput();
            assertEquals("hi", new String(socket.getInputStream().readAllBytes(), "US-ASCII"));
        }
    }

    private static void assertEchoes(TcpServer server) throws IOException {
        server.start();
        assertEchoes(server.address().getAddress(), server);
        server.close();
    }

    private static void echo(Request request) throws IOException {
        request.input().transferTo(request.output());
    }

    @Test
    void everyConstructorServes() throws IOException {
        AtomicInteger handled = new AtomicInteger();
        assertEchoes(new TcpServer(ANY_PORT, Echo.class));
        assertEchoes(new TcpServer(ANY_PORT, Echo.class, ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer(ANY_PORT, Echo::new));
        assertEchoes(new TcpServer(ANY_PORT, Echo::new, ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer(ANY_PORT, () -> new Echo(handled)));
        assertEchoes(new TcpServer(ANY_PORT, () -> new Echo(handled), ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer(ANY_PORT, TcpServerTest::echo));
        assertEchoes(new TcpServer(ANY_PORT, TcpServerTest::echo, ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer(ANY_PORT, request -> request.input().transferTo(request.output())));
        assertEchoes(new TcpServer(
                ANY_PORT, request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer(ANY_PORT, request -> {
            request.input().transferTo(request.output());
            handled.incrementAndGet();
        }));
        assertEchoes(new TcpServer(
                ANY_PORT,
                request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                },
                ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer("127.0.0.1:0", Echo.class));
        assertEchoes(new TcpServer("127.0.0.1:0", Echo.class, ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer("127.0.0.1:0", Echo::new));
        assertEchoes(new TcpServer("127.0.0.1:0", Echo::new, ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer("127.0.0.1:0", () -> new Echo(handled)));
        assertEchoes(new TcpServer("127.0.0.1:0", () -> new Echo(handled), ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer("127.0.0.1:0", TcpServerTest::echo));
        assertEchoes(new TcpServer("127.0.0.1:0", TcpServerTest::echo, ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer("127.0.0.1:0", request -> request.input().transferTo(request.output())));
        assertEchoes(new TcpServer(
                "127.0.0.1:0", request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer("127.0.0.1:0", request -> {
            request.input().transferTo(request.output());
            handled.incrementAndGet();
        }));
        assertEchoes(new TcpServer(
                "127.0.0.1:0",
                request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                },
                ServerOptions.DEFAULTS));
        assertEchoes(new TcpServer(ANY_PORT, HandlerSource.ofFunction(ECHO), ServerOptions.DEFAULTS));
        assertEquals(8, handled.get());
    }

    @Test
    void portZeroIsReplacedByTheActualPort() throws IOException {
        try (TcpServer server = new TcpServer(ANY_PORT, ECHO)) {
            assertEquals(0, server.address().getPort());
            assertEquals("tcp 127.0.0.1:0", server.name());
            server.bind();
            assertNotEquals(0, server.address().getPort());
            assertEquals("tcp 127.0.0.1:" + server.address().getPort(), server.name());
        }
    }

    @Test
    void anIpv6AddressIsServed() throws IOException {
        InetAddress loopback = InetAddress.getByName("::1");
        CompletableFuture<InetAddress> peer = new CompletableFuture<>();
        try (TcpServer server = new TcpServer(new InetSocketAddress(loopback, 0), request -> {
            peer.complete(((InetSocketAddress) request.clientAddress()).getAddress());
            ECHO.handle(request);
        })) {
            server.start();
            assertEchoes(loopback, server);
            assertInstanceOf(Inet6Address.class, peer.join());
        }
    }

    @Test
    void aWildcardAddressServesBothFamiliesAndIpv4ClientsHaveIpv4Addresses() throws IOException {
        for (String wildcard : new String[] {"0.0.0.0", "::"}) {
            CompletableFuture<InetAddress> peer = new CompletableFuture<>();
            try (TcpServer server = new TcpServer(new InetSocketAddress(wildcard, 0), request -> {
                peer.complete(((InetSocketAddress) request.clientAddress()).getAddress());
                ECHO.handle(request);
            })) {
                server.start();
                assertEchoes(InetAddress.getByName("127.0.0.1"), server);
                assertInstanceOf(Inet4Address.class, peer.join());
                assertEchoes(InetAddress.getByName("::1"), server);
            }
        }
    }

    @Test
    void withoutDualStackAnIpv4WildcardServesOnlyIpv4() throws IOException {
        ServerOptions single = ServerOptions.DEFAULTS.dualStack(false);
        try (TcpServer server =
                new TcpServer(new InetSocketAddress("0.0.0.0", 0), HandlerSource.ofFunction(ECHO), single)) {
            server.start();
            assertEchoes(InetAddress.getByName("127.0.0.1"), server);
            int port = server.address().getPort();
            assertThrows(ConnectException.class, () -> new Socket("::1", port).close());
        }
        try (TcpServer server = new TcpServer(new InetSocketAddress("::", 0), HandlerSource.ofFunction(ECHO), single)) {
            assertThrows(UnsupportedOperationException.class, server::bind);
        }
    }

    @Test
    void optionsReachTheListeningSocket() throws IOException {
        ServerOptions options = ServerOptions.DEFAULTS
                .reuseAddress(false)
                .reusePort(true)
                .receiveBufferSize(20_000)
                .backlog(1);
        try (TcpServer server = new TcpServer(ANY_PORT, HandlerSource.ofFunction(ECHO), options)) {
            assertThrows(IllegalStateException.class, () -> server.socketOption(StandardSocketOptions.SO_REUSEPORT));
            server.bind();
            assertTrue(server.socketOption(StandardSocketOptions.SO_REUSEPORT));
            assertFalse(server.socketOption(StandardSocketOptions.SO_REUSEADDR));
            assertEquals(20_000, server.socketOption(StandardSocketOptions.SO_RCVBUF));
            try (TcpServer second = new TcpServer(server.address(), HandlerSource.ofFunction(ECHO), options)) {
                second.bind();
                assertEquals(server.address(), second.address(), "two servers share the port");
            }
        }
        try (TcpServer server = new TcpServer(ANY_PORT, ECHO)) {
            server.bind();
            assertEquals(
                    ServerOptions.DEFAULTS.reuseAddress(), server.socketOption(StandardSocketOptions.SO_REUSEADDR));
            assertFalse(server.socketOption(StandardSocketOptions.SO_REUSEPORT));
        }
    }

    /** The socket options of an accepted connection. */
    private record Accepted(boolean noDelay, boolean keepAlive, int sendBuffer) {
        static Accepted by(ServerOptions options) throws IOException {
            CompletableFuture<Accepted> seen = new CompletableFuture<>();
            try (TcpServer server = new TcpServer(ANY_PORT, HandlerSource.ofFunction(ECHO), options) {
                @Override
                protected Connection newConnection(SocketChannel accepted) throws IOException {
                    Connection connection = super.newConnection(accepted);
                    seen.complete(new Accepted(
                            accepted.getOption(StandardSocketOptions.TCP_NODELAY),
                            accepted.getOption(StandardSocketOptions.SO_KEEPALIVE),
                            accepted.getOption(StandardSocketOptions.SO_SNDBUF)));
                    return connection;
                }
            }) {
                server.start();
                assertEchoes(server.address().getAddress(), server);
            }
            return seen.join();
        }
    }

    @Test
    void optionsReachEveryAcceptedConnection() throws IOException {
        Accepted defaults = Accepted.by(ServerOptions.DEFAULTS);
        assertTrue(defaults.noDelay);
        assertFalse(defaults.keepAlive);
        Accepted other = Accepted.by(
                ServerOptions.DEFAULTS.noDelay(false).keepAlive(true).sendBufferSize(30_000));
        assertFalse(other.noDelay);
        assertTrue(other.keepAlive);
        assertEquals(30_000, other.sendBuffer);
    }

    @Test
    void aHandlerCanChangeNoDelayOfItsConnection() throws IOException {
        CompletableFuture<SocketChannel> channel = new CompletableFuture<>();
        CompletableFuture<Boolean> seen = new CompletableFuture<>();
        HandlerSource<StreamRequest> handler = HandlerSource.ofFunction(request -> {
            request.noDelay(false);
            seen.complete(channel.join().getOption(StandardSocketOptions.TCP_NODELAY));
            ECHO.handle(request);
        });
        try (TcpServer server = new TcpServer(ANY_PORT, handler, ServerOptions.DEFAULTS) {
            @Override
            protected Connection newConnection(SocketChannel accepted) throws IOException {
                channel.complete(accepted);
                return super.newConnection(accepted);
            }
        }) {
            server.start();
            assertEchoes(server.address().getAddress(), server);
            assertFalse(seen.join());
        }
    }

    @Test
    void aConnectionThatFailsDuringItsSetupIsClosedAndTheNextIsServed() throws IOException {
        CountDownLatch failures = new CountDownLatch(1);
        try (TcpServer server = new TcpServer(ANY_PORT, HandlerSource.ofFunction(ECHO), ServerOptions.DEFAULTS) {
            @Override
            protected Connection newConnection(SocketChannel accepted) throws IOException {
                if (failures.getCount() > 0) {
                    failures.countDown();
                    throw new IOException("Invalid argument");
                }
                return super.newConnection(accepted);
            }
        }) {
            server.start();
            try (Socket lost =
                    new Socket(server.address().getAddress(), server.address().getPort())) {
                assertEquals(-1, lost.getInputStream().read());
            }
            assertEchoes(server.address().getAddress(), server);
        }
    }

    @Test
    void bindingAPortInUseThrowsAnExceptionWithTheAddress() throws IOException {
        try (TcpServer first = new TcpServer(ANY_PORT, ECHO);
                TcpServer second = new TcpServer(bound(first), ECHO)) {
            assertEquals(
                    "can't serve on tcp 127.0.0.1:" + first.address().getPort() + ": Address already in use",
                    assertThrows(BindException.class, second::start).getMessage());
        }
    }

    private static InetSocketAddress bound(TcpServer server) throws IOException {
        server.bind();
        return server.address();
    }

    @Test
    void anAddressAsTextCanBeAnAddressANameOrAStar() throws IOException {
        for (String text : new String[] {"127.0.0.1:0", "[::1]:0", "localhost:0"}) {
            try (TcpServer server = new TcpServer(text, ECHO)) {
                assertEquals("tcp " + text, server.name());
                server.start();
                assertTrue(server.address().getAddress().isLoopbackAddress());
                assertEchoes(server.address().getAddress(), server);
            }
        }
        try (TcpServer server = new TcpServer("*:0", ECHO)) {
            server.start();
            assertEchoes(InetAddress.getByName("127.0.0.1"), server);
            assertEchoes(InetAddress.getByName("::1"), server);
        }
    }

    @Test
    void anInvalidAddressIsRejectedByTheConstructor() {
        assertEquals(
                "the address 127.0.0.1:abc has no port number; write HOST:PORT with a port from 0 to 65535",
                assertThrows(IllegalArgumentException.class, () -> new TcpServer("127.0.0.1:abc", ECHO))
                        .getMessage());
    }

    @Test
    void anUnknownHostIsRejectedByBind() throws IOException {
        InetSocketAddress unknown = InetSocketAddress.createUnresolved("no.such.host.invalid", 80);
        try (TcpServer byAddress = new TcpServer(unknown, ECHO);
                TcpServer byText = new TcpServer("no.such.host.invalid:80", ECHO)) {
            assertEquals(unknown, byText.address());
            for (TcpServer server : new TcpServer[] {byAddress, byText}) {
                BindException refused = assertThrows(BindException.class, server::start);
                assertEquals(
                        "can't serve on tcp no.such.host.invalid:80: the host no.such.host.invalid is unknown",
                        refused.getMessage());
                assertInstanceOf(UnknownHostException.class, refused.getCause());
            }
        }
    }
}
