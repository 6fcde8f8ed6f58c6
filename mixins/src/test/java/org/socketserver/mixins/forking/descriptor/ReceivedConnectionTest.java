package org.socketserver.mixins.forking.descriptor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.spi.Connection;

class ReceivedConnectionTest {
    @ParameterizedTest
    @EnumSource
    void shutdownInputEndsABlockedReadAndAllLaterReads(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            Connection served = delivered.served();
            Blocked<Integer> reading = Blocked.in(() -> served.read(ByteBuffer.allocate(1)));
            served.shutdownInput();
            assertEquals(-1, reading.result());
            assertEquals(-1, served.read(ByteBuffer.allocate(1)));
            HandOver.write(served, new byte[] {1});
            assertArrayEquals(new byte[] {1}, HandOver.read(delivered.client(), 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void closeEndsABlockedRead(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            int before = HandOver.descriptors();
            Connection served = delivered.served();
            Blocked<Integer> reading = Blocked.in(() -> served.read(ByteBuffer.allocate(1)));
            served.close();
            reading.failure(ClosedChannelException.class);
            HandOver.awaitDescriptors(before - 1);
            assertEquals(-1, delivered.client().read(ByteBuffer.allocate(1)));
            assertThrows(ClosedChannelException.class, () -> served.write(ByteBuffer.allocate(1)));
            assertThrows(ClosedChannelException.class, served::shutdownOutput);
        }
    }

    @ParameterizedTest
    @EnumSource
    void closeEndsABlockedWrite(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            int before = HandOver.descriptors();
            Connection served = delivered.served();
            Blocked<Void> writing = Blocked.in(() -> {
                while (true) {
                    HandOver.write(served, new byte[64 * 1024]);
                }
            });
            served.close();
            writing.failure(ClosedChannelException.class);
            HandOver.awaitDescriptors(before - 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEndsABlockedReadAsInTheJdk(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            int before = HandOver.descriptors();
            Connection served = delivered.served();
            Blocked<Integer> reading = Blocked.in(() -> served.read(ByteBuffer.allocate(1)));
            reading.thread.interrupt();
            reading.failure(ClosedByInterruptException.class);
            served.close();
            HandOver.awaitDescriptors(before - 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theConnectionCanBecomeNonBlocking(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family);
                HandOver.Delivered delivered = over.deliver()) {
            Connection served = delivered.served();
            assertTrue(served.nonBlocking());
            assertEquals(0, served.read(ByteBuffer.allocate(1)));
            while (served.write(ByteBuffer.allocate(64 * 1024)) > 0) {
                // Fill the send buffer.
            }
            delivered.client().shutdownOutput();
            assertEquals(-1, HandOver.read(served, 1).length - 1);
        }
    }
}
