package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.SocketChannelConnection;
import org.socketserver.tcp.TcpServer;

/** The thread that enforces all deadlines survives exceptions of custom connections. */
class SweeperTest {
    private static final ServerOptions SHORT_READS = ServerOptions.DEFAULTS
            .deadline(Deadline.READ, Duration.ofMillis(30))
            .grace(Duration.ZERO);

    /** A server whose connections throw when their input is shut down. */
    private static final class BrokenServer extends TcpServer {
        final CountDownLatch thrown = new CountDownLatch(1);

        BrokenServer() {
            super(
                    Transport.LOOPBACK,
                    HandlerSource.ofFunction(request -> request.input().read()),
                    SHORT_READS);
        }

        @Override
        protected Connection newConnection(SocketChannel accepted) throws IOException {
            return new SocketChannelConnection(accepted, accepted.getLocalAddress(), accepted.getRemoteAddress()) {
                @Override
                public void shutdownInput() {
                    thrown.countDown();
                    throw new IllegalStateException("on purpose");
                }
            };
        }
    }

    @Test
    void aConnectionThatThrowsAtItsDeadlineDoesNotDisableTheDeadlinesOfOthers() throws Exception {
        try (CapturedLog log = CapturedLog.begin();
                BrokenServer broken = new BrokenServer();
                TcpServer sound = new TcpServer(
                        Transport.LOOPBACK,
                        HandlerSource.ofFunction(request -> request.input().read()),
                        SHORT_READS)) {
            broken.mixIn(Concurrency.PLATFORM.threading());
            broken.start();
            sound.start();
            try (SocketChannel first = SocketChannel.open((SocketAddress) broken.address())) {
                assertTrue(first.isConnected());
                assertTrue(broken.thrown.await(20, TimeUnit.SECONDS));
                try (StreamClient second = new StreamClient(SocketChannel.open(sound.address()))) {
                    assertTrue(second.isAtEnd());
                }
            }
            assertTrue(log.messages(java.util.logging.Level.SEVERE).size() >= 1);
        }
    }
}
