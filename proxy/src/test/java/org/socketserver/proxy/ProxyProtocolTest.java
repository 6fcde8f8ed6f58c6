package org.socketserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Network;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.SocketChannelConnection;

class ProxyProtocolTest {
    private static final ProxyProtocol PROXY = ProxyProtocol.from(Network.parse("10.0.0.0/8"));
    private static final InetSocketAddress CLIENT = new InetSocketAddress("198.51.100.7", 56_324);
    private static final InetSocketAddress FRONT = new InetSocketAddress("203.0.113.9", 8_443);

    private static Stream<String> headers() {
        return Headers.valid().keySet().stream();
    }

    @Test
    void theConnectionHasTheAddressesOfTheHeader() throws Exception {
        for (String name : List.of("v1 TCP4", "v1 TCP6 mapped", "v2 TCP4", "v2 UDP4")) {
            Connection above = PROXY.over(MemoryPeer.sends(Headers.valid().get(name)));
            assertEquals(CLIENT, above.remoteAddress(), name);
            assertEquals(FRONT, above.localAddress(), name);
        }
    }

    @Test
    void theConnectionHasTheIpv6AddressesOfTheHeader() throws Exception {
        for (String name : List.of("v1 TCP6", "v2 TCP6", "v2 UDP6", "v2 all TLVs")) {
            Connection above = PROXY.over(MemoryPeer.sends(Headers.valid().get(name)));
            assertEquals(new InetSocketAddress("2001:db8::7", 56_324), above.remoteAddress(), name);
            assertEquals(new InetSocketAddress("2001:db8::9", 8_443), above.localAddress(), name);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1 UNKNOWN",
                "v1 UNKNOWN longest",
                "v2 LOCAL",
                "v2 LOCAL with addresses",
                "v2 LOCAL with anything",
                "v2 UNSPEC",
                "v2 UNSPEC with anything",
                "v2 IPv4 without protocol",
                "v2 protocol without family",
                "v2 Unix stream",
                "v2 Unix datagram"
            })
    void aHeaderWithoutIpAddressesKeepsThoseOfTheTransport(String name) throws Exception {
        Connection above = PROXY.over(MemoryPeer.sends(Headers.valid().get(name)));
        assertEquals(MemoryPeer.PROXY, above.remoteAddress());
        assertEquals(MemoryPeer.SERVER, above.localAddress());
    }

    @Test
    void theHeaderIsAnAttributeBesideThoseOfTheTransport() throws Exception {
        for (byte[] header : Headers.valid().values()) {
            Connection above = PROXY.over(MemoryPeer.sends(header));
            assertEquals(Optional.of(ProxyHeader.parse(header)), above.attribute(ProxyHeader.class));
            assertEquals(Optional.of("of the transport"), above.attribute(String.class));
            assertEquals(Optional.empty(), above.attribute(Integer.class));
        }
    }

    @Test
    void aHealthCheckThatEndsAfterItsHeaderIsAnOrdinaryConnection() throws Exception {
        for (String name : List.of("v1 UNKNOWN", "v2 LOCAL")) {
            Connection above = PROXY.over(MemoryPeer.sends(Headers.valid().get(name)));
            assertEquals(-1, above.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void closingTheConnectionClosesTheOneBelow() throws Exception {
        MemoryPeer below = MemoryPeer.sends(Headers.v1("UNKNOWN"));
        Connection above = PROXY.over(below);
        assertTrue(above.isOpen());
        above.close();
        assertFalse(below.open);
    }

    @Test
    void theLayerChangesTheAddress() {
        assertTrue(PROXY.identifiesClient());
    }

    // Reading

    @ParameterizedTest
    @MethodSource("headers")
    void aHeaderSplitAtEveryByteIsReadExactly(String name) throws Exception {
        byte[] header = Headers.valid().get(name);
        byte[] sent = Headers.join(header, Headers.bytes("PROXY then\r\n"));
        ProxyHeader expected = ProxyHeader.parse(header);
        for (int split = 0; split <= sent.length; split++) {
            MemoryPeer below = MemoryPeer.sends(sent, split);
            Connection above = PROXY.over(below);
            assertEquals(Optional.of(expected), above.attribute(ProxyHeader.class));
            assertEquals("PROXY then\r\n", below.rest(), "split at " + split);
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void noByteBeyondTheHeaderIsEverAskedFor(String name) throws Exception {
        byte[] header = Headers.valid().get(name);
        byte[] sent = Headers.join(header, new byte[200]);
        for (int step : List.of(1, 2, 3, 7, 12, 13, 10_000)) {
            int[] splits = IntStream.iterate(step, next -> next < sent.length, next -> next + step)
                    .toArray();
            MemoryPeer below = MemoryPeer.sends(sent, splits);
            PROXY.over(below);
            assertEquals(header.length, below.furthestRequested, "in pieces of " + step);
            assertEquals(header.length, below.bytes.position());
        }
    }

    @Test
    void aLineThatHasArrivedTakesFewReads() throws Exception {
        for (String name : List.of("v1 TCP4 longest", "v1 TCP6 mapped", "v1 TCP4")) {
            MemoryPeer below = MemoryPeer.sends(Headers.valid().get(name));
            PROXY.over(below);
            assertTrue(below.reads <= 12, name + " took " + below.reads);
        }
        MemoryPeer below = MemoryPeer.sends(Headers.allTlvs());
        PROXY.over(below);
        assertEquals(3, below.reads);
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aHeaderThatEndsEarlyIsADisconnect(String name) {
        byte[] header = Headers.valid().get(name);
        for (int length = 0; length < header.length; length++) {
            byte[] sent = Arrays.copyOf(header, length);
            String message = assertThrows(DisconnectedException.class, () -> PROXY.over(MemoryPeer.sends(sent)))
                    .getMessage();
            assertEquals("10.0.0.5:40000 has disconnected after " + length + " bytes of its PROXY header", message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"G", "PROXX TCP4", "\u0016\u0003\u0001", "\r\n\r\n\0\r\nQUIX", "proxy ", "\nPROXY ", "PROXY\t"})
    void bytesThatCannotBeAHeaderAreRefusedBeforeTheNextRead(String sent) {
        // Split after every byte, so that each read but the last returns the start of a header.
        int[] splits = IntStream.range(1, sent.length()).toArray();
        MemoryPeer below = MemoryPeer.sends(Headers.bytes(sent), splits);
        String message =
                assertThrows(ProtocolException.class, () -> PROXY.over(below)).getMessage();
        assertTrue(message.startsWith("the connection does not begin with a PROXY header, but with the bytes "));
        assertTrue(below.furthestRequested <= 12);
    }

    @Test
    void theMessageShowsTheWrongBytes() {
        assertEquals(
                "the connection does not begin with a PROXY header, but with the bytes 47 45 54 20",
                assertThrows(ProtocolException.class, () -> PROXY.over(MemoryPeer.sends(Headers.bytes("GET "))))
                        .getMessage());
    }

    @Test
    void aHeaderThatArrivesSlowlyOverTcpLeavesTheBytesAfterIt() throws Exception {
        byte[] header = Headers.allTlvs();
        try (ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            try (SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                    Connection below = accepted(listener)) {
                Thread sender = new Thread(() -> {
                    try {
                        for (byte next : header) {
                            client.write(ByteBuffer.wrap(new byte[] {next}));
                            Thread.yield();
                        }
                        client.write(ByteBuffer.wrap(Headers.bytes("hello")));
                    } catch (IOException lost) {
                        throw new AssertionError(lost);
                    }
                });
                sender.start();
                Connection above =
                        ProxyProtocol.from(Network.parse("127.0.0.0/8")).over(below);
                ByteBuffer rest = ByteBuffer.allocate(5);
                while (rest.hasRemaining() && above.read(rest) >= 0) {
                    continue;
                }
                assertEquals("hello", new String(rest.array()));
                assertEquals(new InetSocketAddress("2001:db8::7", 56_324), above.remoteAddress());
                assertEquals(below.channel(), above.channel());
                sender.join();
            }
        }
    }

    /** Shows its channel, as the connections of TCP do, so that a worker process can get the descriptor. */
    private static Connection accepted(ServerSocketChannel listener) throws IOException {
        SocketChannel channel = listener.accept();
        return new SocketChannelConnection(channel, channel.getLocalAddress(), channel.getRemoteAddress()) {
            @Override
            public Optional<SocketChannel> channel() {
                return Optional.of(channel);
            }
        };
    }

    // Trust

    private static MemoryPeer from(String host) throws Exception {
        return new MemoryPeer(new InetSocketAddress(host, 7), Headers.v1("TCP4 198.51.100.7 203.0.113.9 56324 8443"));
    }

    @Test
    void aPeerThatIsNotTrustedIsRefusedBeforeItsFirstByte() throws Exception {
        MemoryPeer stranger = from("192.0.2.66");
        IOException refused = assertThrows(IOException.class, () -> PROXY.over(stranger));
        assertEquals(
                "192.0.2.66:7 is not trusted to send PROXY headers; trusted are [10.0.0.0/8]", refused.getMessage());
        assertEquals(0, stranger.reads);
    }

    @Test
    void everyNetworkIsTrusted() throws Exception {
        ProxyProtocol layer = ProxyProtocol.from(Network.parse("10.0.0.0/8"), Network.parse("2001:db8::/32"));
        for (String trusted : List.of("10.255.255.255", "2001:db8::1", "::ffff:10.0.0.1")) {
            assertEquals(CLIENT, layer.over(from(trusted)).remoteAddress());
        }
        for (String stranger : List.of("11.0.0.0", "2001:db9::", "::1", "::10.0.0.1")) {
            assertThrows(IOException.class, () -> layer.over(from(stranger)), stranger);
        }
    }

    @Test
    void aPeerWithAnUnresolvedAddressIsNotTrusted() {
        MemoryPeer stranger = new MemoryPeer(InetSocketAddress.createUnresolved("10.0.0.5", 7), Headers.v1("UNKNOWN"));
        assertThrows(IOException.class, () -> PROXY.over(stranger));
    }

    @Test
    void aTrustedPeerMustSendAHeader() {
        assertThrows(ProtocolException.class, () -> PROXY.over(MemoryPeer.sends(Headers.bytes("hello\n"))));
    }

    @Test
    void peersOnUnixSocketsAreTrustedAndAClientOfAUnixSocketKeepsTheirAddress() throws Exception {
        UnixDomainSocketAddress unix = UnixDomainSocketAddress.of("");
        for (ProxyProtocol layer : List.of(PROXY, ProxyProtocol.fromUnix())) {
            MemoryPeer peer = new MemoryPeer(unix, Headers.valid().get("v2 TCP4"));
            assertEquals(CLIENT, layer.over(peer).remoteAddress());
            MemoryPeer unixPeer = new MemoryPeer(unix, Headers.valid().get("v2 Unix stream"));
            assertEquals(unix, layer.over(unixPeer).remoteAddress());
        }
    }

    @Test
    void aLayerForUnixSocketsTrustsNoIpAddress() throws Exception {
        MemoryPeer stranger = from("127.0.0.1");
        assertEquals(
                "127.0.0.1:7 is not trusted to send PROXY headers; trusted are only peers on Unix sockets",
                assertThrows(IOException.class, () -> ProxyProtocol.fromUnix().over(stranger))
                        .getMessage());
        assertEquals(0, stranger.reads);
    }

    @Test
    void aLayerNeedsANetwork() {
        assertEquals(
                "there are 0 trusted networks; there must be 1 or more, or use fromUnix() for Unix sockets only",
                assertThrows(IllegalArgumentException.class, ProxyProtocol::from)
                        .getMessage());
    }

    @Test
    void theExceptionForANullArgumentNamesIt() {
        for (Network[] missing : new Network[][] {null, {null}, {Network.parse("::1"), null}}) {
            assertEquals(
                    "trusted",
                    assertThrows(NullPointerException.class, () -> ProxyProtocol.from(missing))
                            .getMessage());
        }
    }

    @Test
    void theTextOfALayerNamesWhoIsTrusted() {
        assertEquals("PROXY from [10.0.0.0/8]", PROXY.toString());
        assertEquals("PROXY from Unix sockets", ProxyProtocol.fromUnix().toString());
    }
}
