package org.socketserver.mixins.forking.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.mixins.SocketPair;

class ControlChannelTest {
    private SocketPair pair;
    private ControlChannel parent;
    private ControlChannel worker;

    @BeforeEach
    void connect() throws IOException {
        pair = SocketPair.open();
        parent = pair.parentControl();
        worker = pair.workerControl();
    }

    @AfterEach
    void close() throws IOException {
        pair.close();
    }

    private Frame received() throws IOException {
        return Objects.requireNonNull(worker.receive(), "a message");
    }

    @Test
    void messagesArriveInOrderWithTheirTypes() throws Exception {
        parent.send(FrameType.READY, 0, ControlChannel.Body.NONE);
        parent.send(FrameType.REFUSED, 0, ControlChannel.Body.text("no \u00fcse"));
        parent.send(FrameType.DATA, 7, output -> output.writeLong(9));
        assertEquals(FrameType.READY, received().type());
        Frame text = received();
        assertEquals(FrameType.REFUSED, text.type());
        assertEquals("no \u00fcse", text.text());
        Frame about = received();
        assertEquals(7, about.number());
        assertEquals(9, about.open().readLong());
    }

    @Test
    void theEndBetweenMessagesIsNotAFailure() throws Exception {
        parent.send(FrameType.READY, 0, ControlChannel.Body.NONE);
        parent.close();
        assertEquals(FrameType.READY, received().type());
        assertNull(worker.receive());
        assertNull(worker.receive(), "again");
    }

    @Test
    void messagesOfManySendersDoNotInterleave() throws Exception {
        int senders = 8;
        int each = 300;
        List<Thread> threads = new ArrayList<>();
        for (int sender = 0; sender < senders; sender++) {
            int number = sender;
            threads.add(new Thread(() -> sendPatterns(number, each)));
        }
        threads.forEach(Thread::start);
        int[] next = new int[senders];
        for (int i = 0; i < senders * each; i++) {
            Frame frame = received();
            int sender = frame.payload()[0];
            byte[] expected = pattern(sender, next[sender]++);
            assertArrayEquals(expected, frame.payload());
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void sendPatterns(int sender, int count) {
        try {
            for (int i = 0; i < count; i++) {
                byte[] bytes = pattern(sender, i);
                parent.send(FrameType.DATA, 0, output -> output.write(bytes));
            }
        } catch (IOException lost) {
            throw new AssertionError(lost);
        }
    }

    /** Returns random bytes, sometimes more than fit into all buffers. */
    private static byte[] pattern(int sender, int number) {
        Random random = new Random(sender * 1_000_003L + number);
        byte[] bytes = new byte[1 + random.nextInt(number % 50 == 0 ? 300_000 : 2_000)];
        random.nextBytes(bytes);
        bytes[0] = (byte) sender;
        return bytes;
    }

    @Test
    void aMessageThatIsTooLongIsNotSent() throws Exception {
        byte[] tooMuch = new byte[ControlChannel.MAX_LENGTH + 1];
        assertEquals(
                "a message of 16777217 bytes can't be sent; the most is 16777216",
                assertThrows(
                                ProtocolException.class,
                                () -> parent.send(FrameType.DATA, 0, output -> output.write(tooMuch)))
                        .getMessage());
        parent.send(FrameType.READY, 0, ControlChannel.Body.NONE);
        assertEquals(FrameType.READY, received().type());
    }

    @Test
    void aMessageWhoseWriterThrowsIsNotSent() throws Exception {
        assertThrows(
                IllegalStateException.class,
                () -> parent.send(FrameType.DATA, 0, output -> {
                    output.writeLong(1);
                    throw new IllegalStateException("half way");
                }));
        parent.send(FrameType.READY, 0, ControlChannel.Body.NONE);
        assertEquals(FrameType.READY, received().type());
    }

    @Test
    void anInvalidLengthIsRejectedBeforeMemoryIsAllocated() throws Exception {
        for (int length : new int[] {ControlChannel.MAX_LENGTH + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            try (SocketPair forged = SocketPair.open()) {
                forged.parent()
                        .write(ByteBuffer.allocate(13)
                                .put((byte) 0)
                                .putLong(0)
                                .putInt(length)
                                .flip());
                assertEquals(
                        "a message START of " + length + " bytes; the most is 16777216",
                        assertThrows(ProtocolException.class, forged.workerControl()::receive)
                                .getMessage());
            }
        }
    }

    @Test
    void anUnknownTypeIsRejected() throws Exception {
        pair.parent()
                .write(ByteBuffer.allocate(13)
                        .put((byte) FrameType.values().length)
                        .putLong(0)
                        .putInt(0)
                        .flip());
        assertEquals(
                "message type " + FrameType.values().length + "; there are types 0 to "
                        + (FrameType.values().length - 1),
                assertThrows(ProtocolException.class, worker::receive).getMessage());
    }

    @Test
    void theEndInsideAMessageIsAFailure() throws Exception {
        byte[] whole = {(byte) FrameType.READY.ordinal(), 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 3, 1, 2, 3};
        for (int length = 1; length < whole.length; length++) {
            try (SocketPair cut = SocketPair.open()) {
                cut.parent().write(ByteBuffer.wrap(whole, 0, length));
                cut.parent().close();
                assertThrows(EOFException.class, cut.workerControl()::receive, "after " + length + " bytes");
            }
        }
    }

    @Test
    void randomBytesAreAMessageOrAnIoException() throws Exception {
        Random random = new Random(20_260_102);
        for (int round = 0; round < 2_000; round++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length > 12) {
                noise[0] = (byte) random.nextInt(30);
                noise[9] = 0;
                noise[10] = 0;
                noise[11] = 0;
            }
            ControlChannel channel = input(noise);
            try {
                while (channel.receive() != null) {
                    // Read all valid messages.
                }
            } catch (IOException refused) {
                assertTrue(noise.length > 0, "no bytes are a clean end");
            }
        }
    }

    @Test
    void closeEndsABlockedReceive() throws Exception {
        CompletableFuture<Frame> waiting = new CompletableFuture<>();
        Thread receiver = new Thread(() -> {
            try {
                waiting.complete(worker.receive());
            } catch (IOException closed) {
                waiting.completeExceptionally(closed);
            }
        });
        receiver.start();
        while (receiver.getState() != Thread.State.RUNNABLE && receiver.getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }
        worker.close();
        assertNotNull(assertThrows(ExecutionException.class, waiting::get).getCause());
        receiver.join();
    }

    @Test
    void commandsAreSentThroughAPipe() throws Exception {
        ByteArrayOutputStream pipe = new ByteArrayOutputStream();
        try (ControlChannel commands = new ControlChannel(InputStream.nullInputStream(), pipe)) {
            commands.send(FrameType.DRAIN, 3, ControlChannel.Body.NONE);
            assertNull(commands.receive(), "nothing comes back");
        }
        try (ControlChannel obeyed = input(pipe.toByteArray())) {
            Frame command = Objects.requireNonNull(obeyed.receive());
            assertEquals(FrameType.DRAIN, command.type());
            assertEquals(3, command.number());
            assertNull(obeyed.receive());
        }
    }

    @Test
    void sendOverRedirectsLaterMessages() throws Exception {
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        parent.send(FrameType.READY, 0, ControlChannel.Body.NONE);
        parent.sendOver(other);
        parent.send(FrameType.SHUTDOWN, 0, ControlChannel.Body.NONE);
        assertEquals(FrameType.READY, received().type());
        assertEquals(
                FrameType.SHUTDOWN,
                Objects.requireNonNull(input(other.toByteArray()).receive()).type());
        worker.send(FrameType.READY, 0, ControlChannel.Body.NONE);
        assertEquals(FrameType.READY, Objects.requireNonNull(parent.receive()).type());
    }

    private static ControlChannel input(byte[] bytes) {
        return new ControlChannel(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream());
    }

    @Test
    void aChannelWithoutDescriptorsRejectsConnections() throws Exception {
        try (SocketChannel connection = SocketChannel.open()) {
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> parent.send(FrameType.REQUEST, 1, output -> {}, connection));
        }
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", 1);
        assertEquals(
                "no connection came over a channel that carries bytes only",
                assertThrows(IOException.class, () -> worker.connection(address, address, List.of()))
                        .getMessage());
    }
}
