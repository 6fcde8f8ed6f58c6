package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.Rejection;
import org.socketserver.api.ServerOptions;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;

/** IPv6 networks match IPv6 clients and IPv4 networks IPv4 clients, even on a dual-stack server. */
class NetworkOfPeersTest {
    private static InetSocketAddress loopback(String host, int port) throws Exception {
        assumeTrue(
                NetworkInterface.getByInetAddress(InetAddress.getByName(host)) != null,
                "this host does not have the address " + host);
        return new InetSocketAddress(host, port);
    }

    private static ServerOptions allowing(String network) {
        return ServerOptions.DEFAULTS.limits(Limits.NONE.allow(Network.parse(network)));
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

    /** Wildcard address, kind of rule, network, and which of 127.0.0.1 and ::1 is served and which is rejected. */
    static Stream<Arguments> dualStackRules() {
        return Stream.of("0.0.0.0", "::")
                .flatMap(wildcard -> Stream.of(
                        Arguments.of(wildcard, "allow", "127.0.0.0/8", "127.0.0.1", "::1"),
                        Arguments.of(wildcard, "allow", "::ffff:127.0.0.0/104", "127.0.0.1", "::1"),
                        Arguments.of(wildcard, "allow", "::/0", "::1", "127.0.0.1"),
                        Arguments.of(wildcard, "deny", "127.0.0.0/8", "::1", "127.0.0.1"),
                        Arguments.of(wildcard, "deny", "0.0.0.0/0", "::1", "127.0.0.1"),
                        Arguments.of(wildcard, "deny", "::ffff:127.0.0.0/104", "::1", "127.0.0.1"),
                        Arguments.of(wildcard, "deny", "::1", "127.0.0.1", "::1"),
                        Arguments.of(wildcard, "deny", "::/0", "127.0.0.1", "::1")));
    }

    private static ServerOptions rule(String what, String network) {
        Network peers = Network.parse(network);
        Limits limits = what.equals("allow") ? Limits.NONE.allow(peers) : Limits.NONE.deny(peers);
        return ServerOptions.DEFAULTS.limits(limits);
    }

    @ParameterizedTest
    @MethodSource("dualStackRules")
    void aDualStackServerServesOnlyThePeersOfTheNetwork(
            String wildcard, String what, String network, String served, String rejected) throws Exception {
        try (TcpServer server = new TcpServer(
                new InetSocketAddress(wildcard, 0),
                HandlerSource.ofFunction(Handlers.ONE_LINE::handle),
                rule(what, network))) {
            server.start();
            int port = server.address().getPort();
            try (StreamClient client = new StreamClient(SocketChannel.open(loopback(rejected, port)))) {
                assertTrue(client.isAtEnd());
            }
            try (StreamClient client = new StreamClient(SocketChannel.open(loopback(served, port)))) {
                assertEquals("got in", client.ask("in"));
            }
            server.shutdown(server.options().grace());
            assertEquals(1, server.stats().rejected(Rejection.DENIED));
        }
    }

    private static DatagramClient packets(String host, int port) throws Exception {
        DatagramChannel channel = DatagramChannel.open().bind(loopback(host, 0));
        return new DatagramClient(channel, channel.getLocalAddress(), loopback(host, port));
    }

    @ParameterizedTest
    @MethodSource("dualStackRules")
    void aDualStackServerServesOnlyTheSendersOfTheNetwork(
            String wildcard, String what, String network, String served, String rejected) throws Exception {
        try (UdpServer server = new UdpServer(
                new InetSocketAddress(wildcard, 0),
                HandlerSource.ofFunction(Handlers.ONE_LINE::handle),
                rule(what, network))) {
            server.start();
            int port = server.address().getPort();
            try (DatagramClient out = packets(rejected, port);
                    DatagramClient in = packets(served, port)) {
                out.send("out");
                assertEquals("got in", in.ask("in"));
                // The first packet was examined before the second.
                assertEquals(1, server.stats().rejected(Rejection.DENIED));
                assertNull(out.receivePacket(0));
            }
        }
    }
}
