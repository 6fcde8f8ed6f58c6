package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.SocketChannelConnection;
import org.socketserver.mixins.forking.descriptor.DescriptorPassing;
import org.socketserver.tcp.TcpServer;

/** The log states how connections are actually passed to workers, which depends on the transport. */
class HandOverLogTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String HANDS = "the server for tcp hands connections to its workers as descriptors";
    private static final String NO_CHANNEL =
            "the server for tcp relays connections to its workers: they have no channel to hand over";
    /** Strongly referenced, because a logger that is garbage collected loses its handlers. */
    private static final Logger LOGGER = Logger.getLogger("org.socketserver");

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getMessage().contains("connections to its workers")) {
                lines.add(line.getLevel() + " " + line.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        LOGGER.removeHandler(handler);
        LOGGER.setUseParentHandlers(true);
    }

    /** A transport of a third party whose connections have no channel, for example because it encrypts. */
    private static final class NoChannelServer extends TcpServer {
        NoChannelServer() {
            super(ANY_PORT, HandlerSource.<StreamRequest>ofClass(ForkingMixInTest.Echo.class), ServerOptions.DEFAULTS);
        }

        @Override
        protected Connection newConnection(SocketChannel accepted) throws IOException {
            return new SocketChannelConnection(accepted, accepted.getLocalAddress(), accepted.getRemoteAddress()) {};
        }
    }

    /** Returns the lines before the first connection, and after two connections. */
    private List<List<String>> linesOf(TcpServer server, HandOver way) throws IOException {
        try (server) {
            server.mixIn(WorkerCoverage.of(
                    new ForkingMixIn().minIdle(1).maxChildren(1).handOver(way)));
            server.start();
            List<String> before = new ArrayList<>(lines);
            for (int i = 0; i < 2; i++) {
                try (Socket socket = new Socket(
                        server.address().getAddress(), server.address().getPort())) {
                    socket.getOutputStream().write('x');
                    socket.shutdownOutput();
                    assertEquals("x", new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                }
            }
            return List.of(before, List.copyOf(lines));
        }
    }

    private static TcpServer tcp() {
        return new TcpServer(ANY_PORT, ForkingMixInTest.Echo.class);
    }

    private static List<List<String>> afterwards(Level level, String line) {
        return List.of(List.of(), List.of(level + " " + line));
    }

    @Test
    void passedDescriptorsAreLoggedWithTheFirstConnection() throws Exception {
        assumeTrue(DescriptorPassing.obstacle().isEmpty());
        assertEquals(afterwards(Level.INFO, HANDS), linesOf(tcp(), HandOver.AUTO));
    }

    @Test
    void aRelayedTransportIsLogged() throws Exception {
        assumeTrue(DescriptorPassing.obstacle().isEmpty());
        assertEquals(afterwards(Level.INFO, NO_CHANNEL), linesOf(new NoChannelServer(), HandOver.AUTO));
    }

    @Test
    void aRelayedTransportIsAWarningIfDescriptorsWereRequested() throws Exception {
        assumeTrue(DescriptorPassing.obstacle().isEmpty());
        assertEquals(afterwards(Level.WARNING, NO_CHANNEL), linesOf(new NoChannelServer(), HandOver.DESCRIPTOR));
    }

    @Test
    void aRequestedRelayIsLoggedByBind() throws Exception {
        String line = "INFO the server for tcp relays connections to its workers: it was asked for";
        assertEquals(List.of(List.of(line), List.of(line)), linesOf(new NoChannelServer(), HandOver.RELAY));
    }
}
