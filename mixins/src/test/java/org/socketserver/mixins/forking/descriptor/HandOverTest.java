package org.socketserver.mixins.forking.descriptor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.spi.Connection;

class HandOverTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final byte[] BYE = "bye".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @EnumSource
    void bytesAreTransferredInBothDirections(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            HandOver.write(delivered.client(), HELLO);
            assertArrayEquals(HELLO, HandOver.read(delivered.served(), HELLO.length));
            HandOver.write(delivered.served(), BYE);
            assertArrayEquals(BYE, HandOver.read(delivered.client(), BYE.length));
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesSentBeforeTheHandOverAreReadAfterIt(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                SocketChannel client = over.connect()) {
            HandOver.write(client, HELLO);
            over.send(over.accept());
            try (Connection served = over.receive()) {
                assertArrayEquals(HELLO, HandOver.read(served, HELLO.length));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theClientDoesNotNoticeTheCloseInTheAcceptingProcess(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            delivered.client().configureBlocking(false);
            assertEquals(0, delivered.client().read(ByteBuffer.allocate(1)));
            assertEquals(HELLO.length, delivered.client().write(ByteBuffer.wrap(HELLO)));
            assertArrayEquals(HELLO, HandOver.read(delivered.served(), HELLO.length));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHalfCloseByTheClientCanBeAnswered(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            HandOver.write(delivered.client(), HELLO);
            delivered.client().shutdownOutput();
            assertArrayEquals(HELLO, HandOver.read(delivered.served(), 100));
            HandOver.write(delivered.served(), BYE);
            assertArrayEquals(BYE, HandOver.read(delivered.client(), BYE.length));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHalfCloseByTheServerCanBeAnswered(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            HandOver.write(delivered.served(), BYE);
            delivered.served().shutdownOutput();
            assertArrayEquals(BYE, HandOver.read(delivered.client(), 100));
            HandOver.write(delivered.client(), HELLO);
            assertArrayEquals(HELLO, HandOver.read(delivered.served(), HELLO.length));
        }
    }

    @ParameterizedTest
    @EnumSource
    void tenMegabytesAreTransferredInBothDirectionsAtOnce(HandOver.Family family) throws Exception {
        byte[] there = new byte[10 << 20];
        byte[] back = new byte[10 << 20];
        new Random(1).nextBytes(there);
        new Random(2).nextBytes(back);
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            FutureTask<Void> sent = started(() -> HandOver.write(delivered.client(), there));
            FutureTask<Void> answered = started(() -> HandOver.write(delivered.served(), back));
            FutureTask<Void> received = started(() -> {
                byte[] got = HandOver.read(delivered.client(), back.length);
                assertArrayEquals(back, got);
            });
            assertArrayEquals(there, HandOver.read(delivered.served(), there.length));
            for (FutureTask<Void> each : java.util.List.of(sent, answered, received)) {
                each.get(50, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aResetBeforeTheConnectionIsReceivedIsReported() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            SocketChannel client = over.connect();
            SocketChannel accepted = over.accept();
            reset(client);
            over.send(accepted);
            Connection served = over.receive();
            assertLost(served);
        }
    }

    @Test
    void aResetAfterTheConnectionIsReceivedIsReported() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            HandOver.Delivered delivered = over.deliver();
            Blocked<Integer> reading = Blocked.in(() -> delivered.served().read(ByteBuffer.allocate(1)));
            reset(delivered.client());
            assertFalse(reading.failure(IOException.class) instanceof ClosedChannelException);
            assertLost(delivered.served());
        }
    }

    @Test
    void aDisconnectedUnixClientIsReported() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.UNIX)) {
            HandOver.Delivered delivered = over.deliver();
            delivered.client().close();
            assertEquals(-1, delivered.served().read(ByteBuffer.allocate(1)));
            assertLost(delivered.served());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theConnectionIsUnchangedInTheAcceptingProcess(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                SocketChannel client = over.connect();
                SocketChannel accepted = over.accept()) {
            for (int seconds : new int[] {-1, 7, 0, -1}) {
                accepted.setOption(StandardSocketOptions.SO_LINGER, seconds);
                over.parent.writeWith(new byte[] {7}, accepted);
                assertEquals(seconds, accepted.getOption(StandardSocketOptions.SO_LINGER));
                assertTrue(accepted.isOpen());
                assertTrue(accepted.isBlocking());
                over.child.read(new byte[1]);
            }
            HandOver.write(client, HELLO);
            ByteBuffer target = ByteBuffer.allocate(HELLO.length);
            accepted.read(target);
            assertArrayEquals(HELLO, target.array());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theConnectionHasTheGivenAddresses(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            assertEquals(
                    delivered.client().getRemoteAddress(), delivered.served().localAddress());
            assertEquals(
                    new java.net.InetSocketAddress("192.0.2.1", 1),
                    delivered.served().remoteAddress());
            delivered.served().noDelay(true);
        }
    }

    @Test
    void aClosedConnectionIsNotPassedAndTheLinkStaysUsable() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP);
                SocketChannel client = over.connect()) {
            SocketChannel accepted = over.accept();
            accepted.close();
            assertThrows(
                    DescriptorOutput.NoDescriptorException.class, () -> over.parent.writeWith(new byte[1], accepted));
            assertEquals(-1, client.read(ByteBuffer.allocate(1)));
            over.deliver().close();
        }
    }

    /** Asserts that writes report a lost connection instead of a closed channel. */
    private static void assertLost(Connection served) throws IOException {
        IOException last = assertThrows(IOException.class, () -> {
            for (int i = 0; i < 1_000; i++) {
                served.write(ByteBuffer.wrap(HELLO));
            }
        });
        assertFalse(last instanceof ClosedChannelException, last.toString());
        assertTrue(served.isOpen());
        served.close();
        assertFalse(served.isOpen());
        assertThrows(ClosedChannelException.class, () -> served.read(ByteBuffer.allocate(1)));
    }

    private static void reset(SocketChannel client) throws IOException {
        client.setOption(StandardSocketOptions.SO_LINGER, 0);
        client.close();
    }

    /** The work of a thread. */
    private interface Work {
        void run() throws IOException;
    }

    private static FutureTask<Void> started(Work work) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            work.run();
            return null;
        });
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return task;
    }
}
