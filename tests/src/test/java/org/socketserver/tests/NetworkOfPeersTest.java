package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.Refusal;
import org.socketserver.api.ServerOptions;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;

/** IPv6 networks have IPv6 peers in them, IPv4 networks IPv4 peers, also at a server for both. */
class NetworkOfPeersTest {
    private static InetSocketAddress loopback(String host, int port) throws Exception {
        assumeTrue(
                NetworkInterface.getByInetAddress(InetAddress.getByName(host)) != null,
                "there is no " + host + " here");
        return new InetSocketAddress(host, port);
    }

    private static ServerOptions allowing(String network) {
        return ServerOptions.builder()
                .limits(Limits.NONE.allow(Network.parse(network)))
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1/128", "::/0"})
    void anIpv6PeerOfTheNetworkIsServed(String network) throws Exception {
        try (TcpServer server = new TcpServer(
                loopback("::1", 0), HandlerSource.ofFunction(Handlers.ONE_LINE::handle), allowing(network))) {
            server.start();
            try (StreamClient client = new StreamClient(SocketChannel.open(server.address()))) {
                assertEquals("got in", client.ask("in"));
            }
        }
    }

    @Test
    void anIpv6SenderOfTheNetworkIsServed() throws Exception {
        try (UdpServer server = new UdpServer(
                loopback("::1", 0), HandlerSource.ofFunction(Handlers.ONE_LINE::handle), allowing("::1/128"))) {
            server.start();
            DatagramChannel channel = DatagramChannel.open().bind(loopback("::1", 0));
            try (DatagramClient client = new DatagramClient(channel, channel.getLocalAddress(), server.address())) {
                assertEquals("got in", client.ask("in"));
            }
        }
    }

    @Test
    void atAServerForBothOnlyThePeersOfTheNetworkAreServed() throws Exception {
        try (TcpServer server = new TcpServer(
                new InetSocketAddress("::", 0),
                HandlerSource.ofFunction(Handlers.ONE_LINE::handle),
                allowing("127.0.0.0/8"))) {
            server.start();
            int port = server.address().getPort();
            try (StreamClient client = new StreamClient(SocketChannel.open(loopback("127.0.0.1", port)))) {
                assertEquals("got in", client.ask("in"));
            }
            try (StreamClient client = new StreamClient(SocketChannel.open(loopback("::1", port)))) {
                assertTrue(client.isAtEnd());
            }
            server.shutdown(server.options().grace());
            assertEquals(1, server.stats().refused(Refusal.DENIED));
        }
    }
}
