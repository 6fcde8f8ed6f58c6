package org.socketserver.mixins.forking.descriptor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.spi.Connection;

class DescriptorChannelsTest {
    @Test
    void allBytesArriveAtASlowReader() throws Exception {
        byte[] bytes = new byte[5 << 20];
        new Random(3).nextBytes(bytes);
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            Blocked<Void> writing = Blocked.in(() -> {
                over.parent.write(bytes);
                return null;
            });
            byte[] read = over.child.readNBytes(bytes.length);
            writing.result();
            assertArrayEquals(bytes, read);
        }
    }

    @Test
    void connectionsArriveInOrderEvenIfAllBytesAreReadAtOnce() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            SocketChannel[] clients = new SocketChannel[20];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = over.connect();
                over.parent.write(new byte[] {1, 2, 3});
                over.send(over.accept());
            }
            over.child.readNBytes(4 * clients.length);
            for (SocketChannel client : clients) {
                try (Connection served =
                        over.child.received(client.getLocalAddress(), client.getLocalAddress(), List.of())) {
                    HandOver.write(served, new byte[] {5});
                    assertArrayEquals(new byte[] {5}, HandOver.read(client, 1));
                }
                client.close();
            }
        }
    }

    @Test
    void aMissingConnectionIsReported() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            over.parent.write(new byte[] {7});
            assertThrows(IOException.class, over::receive);
        }
    }

    @Test
    void aConnectionHasTheGivenAttributes() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP);
                SocketChannel client = over.connect()) {
            over.send(over.accept());
            over.child.read(new byte[1]);
            try (Connection served =
                    over.child.received(client.getLocalAddress(), client.getLocalAddress(), List.of("attribute"))) {
                assertEquals(Optional.of("attribute"), served.attribute(String.class));
                assertEquals(Optional.empty(), served.attribute(Integer.class));
            }
        }
    }

    @Test
    void aReceivedConnectionStaysOpenWhenTheLinkIsClosed() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP);
                HandOver.Delivered delivered = over.deliver()) {
            over.child.close();
            over.parent.close();
            HandOver.write(delivered.served(), new byte[] {5});
            assertArrayEquals(new byte[] {5}, HandOver.read(delivered.client(), 1));
        }
    }

    @Test
    void aConnectionThatWasNotTakenIsClosedWithTheLink() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP);
                SocketChannel client = over.connect()) {
            over.send(over.accept());
            assertEquals(1, over.child.read(new byte[1]));
            over.child.close();
            assertEquals(-1, client.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void theWorkerReadsTheEndWhenTheParentCloses() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            Blocked<Integer> reading = Blocked.in(() -> over.child.read(new byte[1]));
            over.parent.close();
            assertEquals(-1, reading.result());
            assertThrows(ClosedChannelException.class, () -> over.parent.write(new byte[1]));
        }
    }

    @Test
    void aBlockedWriteEndsWhenTheWorkerCloses() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            Blocked<Void> writing = Blocked.in(() -> {
                over.parent.write(new byte[10 << 20]);
                return null;
            });
            over.child.close();
            writing.failure(IOException.class);
        }
    }

    @Test
    void connectingToAPathWithoutAListenerFails(@TempDir Path folder) {
        assertThrows(IOException.class, () -> DescriptorInput.connect(folder.resolve("x".repeat(108))));
        assertThrows(IOException.class, () -> DescriptorInput.connect(folder.resolve("nobody")));
    }
}
