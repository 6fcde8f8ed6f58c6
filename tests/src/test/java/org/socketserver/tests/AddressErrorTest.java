package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;

/** Error messages for Internet addresses that cannot be bound. Those of Unix sockets are tested in their module. */
class AddressErrorTest {
    private static BaseServer<?> server(String transport, InetSocketAddress address) {
        return transport.equals("tcp") ? new TcpServer(address, Handlers.ECHO) : new UdpServer(address, Handlers.ECHO);
    }

    private static void assertCannotServe(BaseServer<?> server, String message) {
        assertEquals(message, assertThrows(BindException.class, server::bind).getMessage());
        assertEquals(message, assertThrows(BindException.class, server::start).getMessage());
        assertEquals(
                message, assertThrows(BindException.class, server::serveForever).getMessage());
        assertEquals(
                message,
                assertThrows(BindException.class, server::handleRequest).getMessage());
        assertEquals(ServerState.NEW, server.state());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void aTakenPort(String transport) throws Exception {
        InetSocketAddress taken = Ports.free();
        BaseServer<?> first = server(transport, taken);
        first.bind();
        try (BaseServer<?> second = server(transport, taken)) {
            assertCannotServe(
                    second,
                    "can't serve on " + transport + " 127.0.0.1:" + taken.getPort() + ": Address already in use");
            first.close();
            // The failure left no socket behind.
            second.bind();
            assertEquals(taken, second.address());
        } finally {
            first.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void anAddressOfAnotherMachine(String transport) {
        // 192.0.2.0/24 is reserved for documentation (RFC 5737).
        try (BaseServer<?> server = server(transport, new InetSocketAddress("192.0.2.1", 8087))) {
            assertCannotServe(
                    server, "can't serve on " + transport + " 192.0.2.1:8087: Cannot assign requested address");
        }
    }

    @Test
    void aFailureWithoutAMessageIsNamed() {
        var server = new TcpServer(Transport.LOOPBACK, Handlers.ECHO) {
            @Override
            protected ServerSocketChannel openChannel() throws IOException {
                throw new ClosedChannelException();
            }
        };
        assertCannotServe(server, "can't serve on tcp 127.0.0.1:0: java.nio.channels.ClosedChannelException");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void anUnknownHost(String transport) {
        InetSocketAddress unknown = InetSocketAddress.createUnresolved("no-such-host.invalid", 8087);
        try (BaseServer<?> server = server(transport, unknown)) {
            assertCannotServe(
                    server,
                    "can't serve on " + transport
                            + " no-such-host.invalid:8087: the host no-such-host.invalid is unknown");
        }
    }

    @Test
    void anAddressRejectsAPortOutOfRange() {
        assertEquals(
                "port out of range:65536",
                assertThrows(IllegalArgumentException.class, () -> new InetSocketAddress("127.0.0.1", 65_536))
                        .getMessage());
        assertEquals(
                "port out of range:-1",
                assertThrows(IllegalArgumentException.class, () -> new InetSocketAddress("127.0.0.1", -1))
                        .getMessage());
    }

    /** Tries to bind a privileged port of each transport, and prints the errors. */
    static final class PrivilegedPort {
        private PrivilegedPort() {}

        public static void main(String[] args) throws IOException {
            for (String transport : List.of("tcp", "udp")) {
                try (BaseServer<?> server = server(transport, new InetSocketAddress("127.0.0.1", 7))) {
                    System.out.println(
                            assertThrows(BindException.class, server::bind).getMessage());
                }
            }
        }
    }

    @Test
    void aPrivilegedPort() throws Exception {
        Path first = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
        assumeTrue(
                Files.isReadable(first)
                        && Integer.parseInt(Files.readString(first).strip()) > 7,
                "no port is privileged");
        String user = "true";
        if ("root".equals(System.getProperty("user.name"))) {
            Tools.require("setpriv");
            user = "set -- setpriv --bounding-set=-net_bind_service --inh-caps=-net_bind_service \"$@\"";
        }
        ChildJvm.Result result = ChildJvm.run(user, PrivilegedPort.class, List.of());
        assertEquals(0, result.exit(), result::output);
        assertEquals(
                List.of(
                        "can't serve on tcp 127.0.0.1:7: Permission denied",
                        "can't serve on udp 127.0.0.1:7: Permission denied"),
                result.output().lines().toList());
    }
}
