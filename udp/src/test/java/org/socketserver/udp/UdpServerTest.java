package org.socketserver.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;

class UdpServerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final RequestHandler<DatagramRequest> ECHO =
            request -> request.input().transferTo(request.output());

    /** Created by the server without arguments, or by a factory with a shared counter. */
    public static final class Echo extends BaseRequestHandler<DatagramRequest> {
        private final AtomicInteger handled;

        public Echo() {
            this(new AtomicInteger());
        }

        Echo(AtomicInteger handled) {
            this.handled = handled;
        }

        @Override
        public void handle() throws IOException {
            request().reply(request().data());
            handled.incrementAndGet();
        }
    }

    /** Sends a packet, and returns the answer, which must come from the same address. */
    private static byte[] ask(InetSocketAddress server, byte[] question) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(20_000);
            socket.send(new DatagramPacket(question, question.length, server));
            DatagramPacket answer = new DatagramPacket(new byte[70_000], 70_000);
            socket.receive(answer);
            assertEquals(server, answer.getSocketAddress(), "the reply is sent from the server's own socket");
            return Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }

    private static UdpServer serve(RequestHandler<DatagramRequest> handler, ServerOptions options) throws IOException {
        UdpServer server = new UdpServer(ANY_PORT, HandlerSource.ofFunction(handler), options);
        server.start();
        return server;
    }

    private static void assertEchoes(UdpServer server) throws IOException {
        server.start();
        assertArrayEquals(new byte[] {1, 2}, ask(server.address(), new byte[] {1, 2}));
        server.close();
    }

    private static void echo(Request request) throws IOException {
        request.input().transferTo(request.output());
    }

    @Test
    void everyConstructorServes() throws IOException {
        AtomicInteger handled = new AtomicInteger();
        assertEchoes(new UdpServer(ANY_PORT, Echo.class));
        assertEchoes(new UdpServer(ANY_PORT, Echo.class, ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer(ANY_PORT, Echo::new));
        assertEchoes(new UdpServer(ANY_PORT, Echo::new, ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer(ANY_PORT, () -> new Echo(handled)));
        assertEchoes(new UdpServer(ANY_PORT, () -> new Echo(handled), ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer(ANY_PORT, UdpServerTest::echo));
        assertEchoes(new UdpServer(ANY_PORT, UdpServerTest::echo, ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer(ANY_PORT, request -> request.input().transferTo(request.output())));
        assertEchoes(new UdpServer(
                ANY_PORT, request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer(ANY_PORT, request -> {
            request.input().transferTo(request.output());
            handled.incrementAndGet();
        }));
        assertEchoes(new UdpServer(
                ANY_PORT,
                request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                },
                ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer("127.0.0.1:0", Echo.class));
        assertEchoes(new UdpServer("127.0.0.1:0", Echo.class, ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer("127.0.0.1:0", Echo::new));
        assertEchoes(new UdpServer("127.0.0.1:0", Echo::new, ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer("127.0.0.1:0", () -> new Echo(handled)));
        assertEchoes(new UdpServer("127.0.0.1:0", () -> new Echo(handled), ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer("127.0.0.1:0", UdpServerTest::echo));
        assertEchoes(new UdpServer("127.0.0.1:0", UdpServerTest::echo, ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer("127.0.0.1:0", request -> request.input().transferTo(request.output())));
        assertEchoes(new UdpServer(
                "127.0.0.1:0", request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer("127.0.0.1:0", request -> {
            request.input().transferTo(request.output());
            handled.incrementAndGet();
        }));
        assertEchoes(new UdpServer(
                "127.0.0.1:0",
                request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                },
                ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer(ANY_PORT, HandlerSource.ofFunction(ECHO), ServerOptions.DEFAULTS));
        assertEchoes(new UdpServer(ANY_PORT, request -> request.reply(request.data())));
        assertEquals(8, handled.get());
    }

    @Test
    void anAddressAsTextCanBeAnAddressANameOrAStar() throws IOException {
        for (String text : new String[] {"127.0.0.1:0", "[::1]:0", "localhost:0", "*:0"}) {
            UdpServer server = new UdpServer(text, ECHO);
            server.start();
            InetAddress host = server.address().getAddress();
            assertEquals(text.startsWith("*"), host.isAnyLocalAddress());
            InetSocketAddress target = new InetSocketAddress(
                    host.isAnyLocalAddress() ? InetAddress.getByName("127.0.0.1") : host,
                    server.address().getPort());
            assertArrayEquals(new byte[] {1, 2}, ask(target, new byte[] {1, 2}));
            server.close();
        }
        assertEquals(
                "the address 127.0.0.1:70000 has port 70000; it must be from 0 to 65535",
                assertThrows(IllegalArgumentException.class, () -> new UdpServer("127.0.0.1:70000", ECHO))
                        .getMessage());
    }

    @Test
    void anUnknownHostIsRejectedByBind() throws IOException {
        try (UdpServer server = new UdpServer("no.such.host.invalid:80", ECHO)) {
            assertEquals(
                    "can't serve on udp no.such.host.invalid:80: the host no.such.host.invalid is unknown",
                    assertThrows(BindException.class, server::bind).getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1472, 8192, 65_507})
    void packetsAndRepliesAreTransferredUnchanged(int size) throws IOException {
        byte[] question = new byte[size];
        for (int i = 0; i < size; i++) {
            question[i] = (byte) i;
        }
        try (UdpServer server = serve(ECHO, ServerOptions.DEFAULTS)) {
            assertArrayEquals(question, ask(server.address(), question));
            assertArrayEquals(new byte[] {7}, ask(server.address(), new byte[] {7}), "nothing of the previous packet");
        }
    }

    @Test
    void anEmptyPacketIsARequestAndCanBeAReply() throws IOException {
        try (UdpServer server = serve(
                request -> request.reply(request.data().length == 0 ? new byte[0] : new byte[] {1}),
                ServerOptions.DEFAULTS)) {
            assertArrayEquals(new byte[0], ask(server.address(), new byte[0]));
        }
    }

    @Test
    void aReplyThatIsTooLongIsRejected() throws IOException {
        CompletableFuture<String> refusal = new CompletableFuture<>();
        try (UdpServer server = serve(
                request -> {
                    refusal.complete(assertThrows(DatagramTooLongException.class, () -> request.reply(new byte[65_508]))
                            .getMessage());
                    request.reply(request.data());
                },
                ServerOptions.DEFAULTS)) {
            ask(server.address(), new byte[] {1});
            assertEquals(
                    "a reply of 65508 bytes does not fit one packet, which holds at most 65507 bytes", refusal.join());
            assertThrows(
                    DatagramTooLongException.class, () -> server.send(ByteBuffer.allocate(65_508), server.address()));
        }
    }

    @Test
    void aPacketThatIsTooLongIsDroppedOrMarkedAsTruncated() throws IOException {
        for (boolean deliver : new boolean[] {false, true}) {
            CompletableFuture<String> event = new CompletableFuture<>();
            ServerOptions options = ServerOptions.DEFAULTS.maxDatagramSize(4).deliverTruncated(deliver);
            try (UdpServer server = new UdpServer(
                    ANY_PORT,
                    HandlerSource.ofFunction(request ->
                            request.reply((request.data().length + (request.isTruncated() ? " truncated" : " whole"))
                                    .getBytes(StandardCharsets.US_ASCII))),
                    options)) {
                server.listener(new RequestListener() {
                    @Override
                    public void datagramTruncated(SocketAddress sender, int limit, boolean delivered) {
                        event.complete(limit + " " + delivered);
                    }
                });
                server.start();
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.setSoTimeout(20_000);
                    for (int size : new int[] {5, 4}) {
                        socket.send(new DatagramPacket(new byte[size], size, server.address()));
                    }
                    DatagramPacket answer = new DatagramPacket(new byte[100], 100);
                    socket.receive(answer);
                    assertEquals(
                            deliver ? "4 truncated" : "4 whole",
                            new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII));
                }
                assertEquals("4 " + deliver, event.join());
            }
        }
    }

    @Test
    void aWildcardAddressServesBothFamilies() throws IOException {
        CompletableFuture<SocketAddress> peer = new CompletableFuture<>();
        try (UdpServer server = new UdpServer(new InetSocketAddress("::", 0), request -> {
            peer.complete(request.clientAddress());
            request.reply(request.data());
        })) {
            server.start();
            int port = server.address().getPort();
            ask(new InetSocketAddress("127.0.0.1", port), new byte[] {1});
            assertInstanceOf(Inet4Address.class, ((InetSocketAddress) peer.join()).getAddress());
            ask(new InetSocketAddress("::1", port), new byte[] {1});
        }
    }

    @Test
    void sendingToABroadcastAddressNeedsTheOption() throws IOException {
        try (UdpServer allowed = serve(ECHO, ServerOptions.DEFAULTS.broadcast(true));
                UdpServer refused = serve(ECHO, ServerOptions.DEFAULTS)) {
            assertTrue(allowed.socketOption(StandardSocketOptions.SO_BROADCAST));
            assertFalse(refused.socketOption(StandardSocketOptions.SO_BROADCAST));
            InetSocketAddress everybody = new InetSocketAddress("127.255.255.255", 9);
            assertThrows(IOException.class, () -> refused.send(ByteBuffer.wrap(new byte[1]), everybody));
            allowed.send(ByteBuffer.wrap(new byte[1]), everybody);
        }
    }

    @Test
    void optionsReachTheSocket() throws IOException {
        ServerOptions options =
                ServerOptions.DEFAULTS.reusePort(true).receiveBufferSize(30_000).sendBufferSize(20_000);
        try (UdpServer server = new UdpServer(ANY_PORT, HandlerSource.ofFunction(ECHO), options)) {
            assertThrows(IllegalStateException.class, () -> server.socketOption(StandardSocketOptions.SO_SNDBUF));
            assertThrows(IllegalStateException.class, () -> server.send(ByteBuffer.allocate(1), ANY_PORT));
            server.bind();
            assertTrue(server.socketOption(StandardSocketOptions.SO_REUSEPORT));
            assertFalse(server.socketOption(StandardSocketOptions.SO_REUSEADDR));
            assertEquals(30_000, server.socketOption(StandardSocketOptions.SO_RCVBUF));
            assertEquals(20_000, server.socketOption(StandardSocketOptions.SO_SNDBUF));
            try (UdpServer second = new UdpServer(server.address(), HandlerSource.ofFunction(ECHO), options)) {
                second.bind();
            }
        }
    }

    @Test
    void bindingAPortInUseThrowsAnExceptionWithTheAddress() throws IOException {
        try (UdpServer first = serve(ECHO, ServerOptions.DEFAULTS);
                UdpServer second = new UdpServer(first.address(), ECHO)) {
            assertEquals(
                    "can't serve on udp 127.0.0.1:" + first.address().getPort() + ": Address already in use",
                    assertThrows(BindException.class, second::start).getMessage());
        }
    }

    @Test
    void multicastGroupsCanBeJoinedBeforeOrAfterBind() throws IOException {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getByName("127.0.0.1"));
        for (boolean before : new boolean[] {true, false}) {
            InetAddress group = InetAddress.getByName("239.77.12." + (before ? 1 : 2));
            try (UdpServer server = new UdpServer(new InetSocketAddress("0.0.0.0", 0), ECHO);
                    DatagramChannel client = DatagramChannel.open(StandardProtocolFamily.INET)) {
                if (before) {
                    server.join(group, loopback);
                }
                server.start();
                if (!before) {
                    server.join(group, loopback);
                }
                client.bind(ANY_PORT);
                client.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback);
                client.socket().setSoTimeout(20_000);
                client.send(
                        ByteBuffer.wrap(new byte[] {42}),
                        new InetSocketAddress(group, server.address().getPort()));
                DatagramPacket answer = new DatagramPacket(new byte[10], 10);
                try {
                    client.socket().receive(answer);
                } catch (SocketTimeoutException none) {
                    assumeTrue(loopback.supportsMulticast(), "the loopback interface does not support multicast");
                    throw none;
                }
                assertEquals(42, answer.getData()[0]);
            }
        }
    }

    @Test
    void onlyMulticastGroupsOfTheServersFamilyCanBeJoined() throws IOException {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getByName("127.0.0.1"));
        try (UdpServer server = new UdpServer(ANY_PORT, ECHO)) {
            assertEquals(
                    "127.0.0.1 is not a multicast address",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> server.join(InetAddress.getByName("127.0.0.1"), loopback))
                            .getMessage());
            server.bind();
            assertThrows(
                    IllegalArgumentException.class, () -> server.join(InetAddress.getByName("ff02::77"), loopback));
        }
    }
}
