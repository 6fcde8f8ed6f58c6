package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.internal.AddressText;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;

/**
 * One server on the wildcard address accepts IPv4 and IPv6 clients, and shows each with an address of its own family.
 */
class DualStackTest {
    private static final RequestHandler<Request> WHO = request -> {
        Handlers.line(request);
        String peer = AddressText.of(request.clientAddress());
        Handlers.answer(request, peer.substring(0, peer.lastIndexOf(':')));
    };

    private static InetSocketAddress loopback(String host, int port) throws Exception {
        assumeTrue(
                NetworkInterface.getByInetAddress(InetAddress.getByName(host)) != null,
                "this host does not have the address " + host);
        return new InetSocketAddress(host, port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::"})
    void overTcp(String wildcard) throws Exception {
        try (TcpServer server = new TcpServer(new InetSocketAddress(wildcard, 0), WHO)) {
            server.start();
            int port = server.address().getPort();
            try (StreamClient client = new StreamClient(SocketChannel.open(loopback("127.0.0.1", port)))) {
                assertEquals("127.0.0.1", client.ask("who"));
            }
            try (StreamClient client = new StreamClient(SocketChannel.open(loopback("::1", port)))) {
                assertEquals("[::1]", client.ask("who"));
            }
        }
    }

    private static String askUdp(String host, int port) throws Exception {
        DatagramChannel channel = DatagramChannel.open().bind(loopback(host, 0));
        try (DatagramClient client = new DatagramClient(channel, channel.getLocalAddress(), loopback(host, port))) {
            return client.ask("who");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::"})
    void overUdp(String wildcard) throws Exception {
        try (UdpServer server = new UdpServer(new InetSocketAddress(wildcard, 0), WHO)) {
            server.start();
            assertEquals("127.0.0.1", askUdp("127.0.0.1", server.address().getPort()));
            assertEquals("[::1]", askUdp("::1", server.address().getPort()));
        }
    }

    @Test
    void anEmptyUdpPacketIsAnOrdinaryRequest() throws Exception {
        try (UdpServer server = new UdpServer(Transport.LOOPBACK, (RequestHandler<Request>)
                request -> Handlers.answer(request, request.input().readAllBytes().length + " bytes"))) {
            server.start();
            DatagramChannel channel = DatagramChannel.open().bind(Transport.LOOPBACK);
            try (DatagramClient client = new DatagramClient(channel, channel.getLocalAddress(), server.address())) {
                client.send(new byte[0]);
                assertEquals("0 bytes", client.receive());
            }
        }
    }
}
