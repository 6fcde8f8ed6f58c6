package org.socketserver.mixins.descriptor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.spi.Connection;

class DescriptorLinkTest {
    @Test
    void allBytesArriveThoughTheReaderIsSlow() throws Exception {
        byte[] bytes = new byte[5 << 20];
        new Random(3).nextBytes(bytes);
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            Blocked<Void> writing = Blocked.in(() -> {
                over.parent.write(ByteBuffer.wrap(bytes));
                return null;
            });
            ByteBuffer target = ByteBuffer.allocate(bytes.length);
            while (target.hasRemaining()) {
                over.child.read(target);
            }
            writing.result();
            assertArrayEquals(bytes, target.array());
        }
    }

    @Test
    void connectionsArriveInTheOrderOfTheirBytesAlsoWhenThoseAreReadAtOnce() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            SocketChannel[] clients = new SocketChannel[20];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = over.connect();
                over.parent.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                over.send(over.accept());
            }
            ByteBuffer all = ByteBuffer.allocate(4 * clients.length);
            while (all.hasRemaining()) {
                over.child.read(all);
            }
            for (SocketChannel client : clients) {
                try (Connection served = over.child.received(client.getLocalAddress(), client.getLocalAddress())) {
                    HandOver.write(served, new byte[] {5});
                    assertArrayEquals(new byte[] {5}, HandOver.read(client, 1));
                }
                client.close();
            }
        }
    }

    @Test
    void aConnectionThatDidNotComeIsSaidToBeMissing() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP);
                SocketChannel client = over.connect()) {
            over.parent.write(ByteBuffer.wrap(new byte[] {7}));
            assertThrows(IOException.class, over::receive);
            assertThrows(IllegalArgumentException.class, () -> over.parent.writeWith(ByteBuffer.allocate(0), client));
        }
    }

    @Test
    void whoHasTakenAConnectionKeepsItWhenTheLinkIsClosed() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP);
                HandOver.Delivered delivered = over.deliver()) {
            over.child.close();
            over.parent.close();
            HandOver.write(delivered.served(), new byte[] {5});
            assertArrayEquals(new byte[] {5}, HandOver.read(delivered.client(), 1));
        }
    }

    @Test
    void whatWasReadAndNotAskedForIsClosedWithTheLink() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP);
                SocketChannel client = over.connect()) {
            over.send(over.accept());
            assertEquals(1, over.child.read(ByteBuffer.allocate(1)));
            over.child.close();
            assertEquals(-1, client.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void closeWakesAReadAndTheOtherEndReadsTheEnd() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            Blocked<Integer> here = Blocked.in(() -> over.child.read(ByteBuffer.allocate(1)));
            Blocked<Integer> there = Blocked.in(() -> over.parent.read(ByteBuffer.allocate(1)));
            over.child.close();
            here.failure(ClosedChannelException.class);
            assertEquals(-1, there.result());
        }
    }

    @Test
    void closeWakesAWrite() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            Blocked<Void> writing = Blocked.in(() -> {
                over.parent.write(ByteBuffer.allocate(10 << 20));
                return null;
            });
            over.parent.close();
            writing.failure(ClosedChannelException.class);
        }
    }

    @Test
    void closeWakesAnAccept(@TempDir Path folder) throws Exception {
        DescriptorListener listener = DescriptorListener.bind(folder.resolve("link"));
        Blocked<DescriptorLink> accepting = Blocked.in(listener::accept);
        listener.close();
        accepting.failure(ClosedChannelException.class);
        assertThrows(ClosedChannelException.class, listener::accept);
    }

    @Test
    void closeWakesAnAcceptWhoseFileIsGone(@TempDir Path folder) throws Exception {
        DescriptorListener listener = DescriptorListener.bind(folder.resolve("link"));
        Blocked<DescriptorLink> accepting = Blocked.in(listener::accept);
        Files.delete(folder.resolve("link"));
        listener.close();
        accepting.failure(ClosedChannelException.class);
    }

    @Test
    void aPathIsNotTakenFromWhoeverHasIt(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("link");
        try (DescriptorListener first = DescriptorListener.bind(path)) {
            assertThrows(IOException.class, () -> DescriptorListener.bind(path));
            try (DescriptorLink attempt = first.accept()) {
                // junixsocket connects before it binds.
                assertEquals(-1, attempt.read(ByteBuffer.allocate(1)));
            }
            try (DescriptorLink child = DescriptorLink.connect(path);
                    DescriptorLink parent = first.accept()) {
                child.write(ByteBuffer.wrap(new byte[] {1}));
                assertEquals(1, parent.read(ByteBuffer.allocate(1)));
            }
        }
        assertTrue(Files.exists(path));
    }

    @Test
    void aPathThatIsTooLongOrWhereNobodyListensIsRefused(@TempDir Path folder) {
        assertThrows(IOException.class, () -> DescriptorListener.bind(folder.resolve("x".repeat(108))));
        assertThrows(IOException.class, () -> DescriptorLink.connect(folder.resolve("x".repeat(108))));
        assertThrows(IOException.class, () -> DescriptorLink.connect(folder.resolve("nobody")));
    }

    @Test
    void aProcessOfTheSameUserIsKnown() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP)) {
            int before = HandOver.descriptors();
            assertTrue(over.parent.peerIsSameUser());
            assertTrue(over.child.peerIsSameUser());
            HandOver.awaitDescriptors(before);
        }
    }
}
