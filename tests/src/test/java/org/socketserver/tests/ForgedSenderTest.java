package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.udp.UdpServer;

/** UDP packets whose sender cannot be answered are counted and not logged. */
class ForgedSenderTest {
    private final CapturedLog log = CapturedLog.begin();
    private final RecordingListener events = new RecordingListener();

    @AfterEach
    void closeLog() {
        log.close();
    }

    private <S extends UdpServer> S started(S server) throws IOException {
        server.listener(events);
        server.start();
        return server;
    }

    private UdpServer echo(String host) throws IOException {
        return started(new UdpServer(new InetSocketAddress(host, 0), Handlers.Echo.class));
    }

    private ForgingUdpServer forging() {
        return new ForgingUdpServer(
                Transport.LOOPBACK, HandlerSource.ofClass(Handlers.Echo.class), ServerOptions.DEFAULTS);
    }

    /** When this is answered, the server has examined all earlier packets. */
    private static void assertServes(UdpServer server) throws IOException {
        assertEquals("served", askFrom(new InetSocketAddress("127.0.0.1", 0), server));
    }

    private static String askFrom(InetSocketAddress self, UdpServer server) throws IOException {
        DatagramChannel channel = DatagramChannel.open().bind(self);
        InetSocketAddress target =
                new InetSocketAddress("127.0.0.1", server.address().getPort());
        try (DatagramClient client = new DatagramClient(channel, channel.getLocalAddress(), target)) {
            return client.ask("served");
        }
    }

    /** Sends UDP packets with the given sender over the loopback interface; see IP_HDRINCL in ip(7). */
    private static void sendForged(int packets, int senderPort, int port) throws Exception {
        String program = """
                import struct
                count, sender, port = map(int, sys.argv[1:])
                try:
                    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
                except PermissionError:
                    print('not allowed')
                    sys.exit()
                local = socket.inet_aton('127.0.0.1')
                udp = struct.pack('!HHHH', sender, port, 9, 0) + b'x'
                ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, local, local)
                for i in range(count):
                    s.sendto(ip + udp, ('127.0.0.1', 0))
                    if i % 50 == 49:
                        time.sleep(0.02)
                """;
        String output = Tools.python(program, packets + "", senderPort + "", port + "");
        assumeFalse(output.startsWith("not allowed"), "raw sockets need privileges");
    }

    @Test
    void packetsFromPortZeroAreDroppedAndCountedButNotLogged() throws Exception {
        try (UdpServer server = echo("127.0.0.1")) {
            sendForged(200, 0, server.address().getPort());
            assertServes(server);
            assertEquals(200, server.stats().unanswerable());
            assertEquals(1, events.started().size());
            assertEquals(List.of(), log.messages(Level.ALL));
        }
    }

    @Test
    void aPacketFromTheServersOwnAddressStartsNoLoop() throws Exception {
        try (UdpServer server = echo("0.0.0.0")) {
            int port = server.address().getPort();
            sendForged(1, port, port);
            assertServes(server);
            assertEquals(1, server.stats().unanswerable());
            assertEquals(1, events.started().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "[::1]:0", "192.0.2.1:0"})
    void portZeroIsDroppedWhateverTheHost(String sender) throws Exception {
        try (ForgingUdpServer server = started(forging())) {
            server.sendFrom(new InetSocketAddress(InetAddress.getByName(sender.replaceAll(":0$", "")), 0), "x");
            assertServes(server);
            assertEquals(1, server.stats().unanswerable());
            assertEquals(1, events.started().size());
        }
    }

    /** Returns the addresses of this host to which it can send without naming an interface. */
    static List<InetAddress> addressesOfThisHost() throws IOException {
        Stream<InetAddress> more = Stream.of(InetAddress.getByName("127.3.2.1"));
        return Stream.concat(more, NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses))
                .filter(address -> !address.isLinkLocalAddress())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("addressesOfThisHost")
    void onAWildcardAddressEveryAddressOfTheHostIsTheServersOwn(InetAddress address) throws Exception {
        try (UdpServer server = echo("::")) {
            server.send(
                    ByteBuffer.wrap(new byte[1]),
                    new InetSocketAddress(address, server.address().getPort()));
            assertServes(server);
            assertEquals(1, server.stats().unanswerable());
            assertEquals(1, events.started().size());
        }
    }

    @Test
    void anotherAddressWithTheServersPortIsServed() throws Exception {
        try (UdpServer server = echo("127.0.0.1")) {
            int port = server.address().getPort();
            assertEquals("served", askFrom(new InetSocketAddress("127.0.0.2", port), server));
            assertEquals(0, server.stats().unanswerable());
        }
    }

    /**
     * Addresses that are not the server's own, but to which nothing can be sent from 127.0.0.1: EACCES, EINVAL, and an
     * unresolved one.
     */
    static Stream<SocketAddress> unreachable() {
        return Stream.of(
                new InetSocketAddress("127.255.255.255", 9),
                new InetSocketAddress("198.51.100.7", 9),
                InetSocketAddress.createUnresolved("nowhere.invalid", 9));
    }

    @ParameterizedTest
    @MethodSource("unreachable")
    void aReplyToAnUnreachableAddressIsADisconnectAndNotLogged(SocketAddress sender) throws Exception {
        try (ForgingUdpServer server = forging()) {
            server.mixIn(new ThreadingMixIn());
            assertDisconnected(started(server), sender);
            assertEquals(List.of(), log.messages(Level.ALL));
        }
    }

    @Test
    void aReplyOfAWorkerToAnUnreachableAddressIsADisconnect() throws Exception {
        try (ForgingUdpServer server = forging()) {
            server.mixIn(new ForkingMixIn().minIdle(1).maxChildren(1));
            assertDisconnected(started(server), new InetSocketAddress("127.255.255.255", 9));
            assertEquals(List.of(), log.messages(Level.WARNING));
        }
    }

    private void assertDisconnected(ForgingUdpServer server, SocketAddress sender) throws Exception {
        server.sendFrom(sender, "x");
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.DISCONNECTED, end.outcome());
        assertInstanceOf(DisconnectedException.class, end.failure().orElseThrow());
        assertEquals(0, end.bytesOut());
        assertServes(server);
    }
}
