package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.FrameTooLongException;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.TruncatedFrameException;

/** Length-prefixed frames arrive whole or not at all on every stream transport, and none is longer than allowed. */
@EachStreamWay
class FrameTest extends ProtocolTest {
    private static final int MAX = 1_048_576;

    /** Echoes every frame. */
    static final class Echo extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            for (byte[] frame = readFrame(); frame != null; frame = readFrame()) {
                writeFrame(frame);
            }
        }
    }

    private static byte[] prefix(int length) {
        return ByteBuffer.allocate(4).putInt(length).array();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static void send(StreamClient client, byte[] frame) throws IOException {
        client.write(prefix(frame.length));
        client.write(frame);
    }

    private static byte[] receive(StreamClient client) throws IOException {
        int length = 0;
        for (int i = 0; i < 4; i++) {
            length = length << 8 | client.read();
        }
        var frame = new ByteArrayOutputStream();
        while (frame.size() < length) {
            frame.write(client.read());
        }
        return frame.toByteArray();
    }

    @Test
    void framesOfEveryLengthUpToTheMaximumAreEchoed() throws Exception {
        StreamClient client = connect(serve(Echo.class));
        for (int length : new int[] {1, 0, 10, 255, 256, 8_191, 8_192, 8_193, 0, 65_536, MAX - 1, MAX, 1}) {
            byte[] frame = random(length);
            send(client, frame);
            assertArrayEquals(frame, receive(client), length + " bytes");
        }
        client.halfClose();
        assertTrue(client.isAtEnd());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }

    @Test
    void framesThatArriveTogetherAreAnsweredInOrder() throws Exception {
        StreamClient client = connect(serve(Echo.class));
        var all = new ByteArrayOutputStream();
        for (int length = 0; length < 100; length++) {
            all.writeBytes(prefix(length));
            all.writeBytes(random(length));
        }
        client.write(all.toByteArray());
        client.halfClose();
        assertArrayEquals(all.toByteArray(), client.readAll());
    }

    @Test
    void aFrameThatArrivesByteByByteIsWhole() throws Exception {
        StreamClient client = connect(serve(Echo.class));
        byte[] frame = random(40);
        for (byte one : prefix(frame.length)) {
            client.write(new byte[] {one});
        }
        for (byte one : frame) {
            client.write(new byte[] {one});
        }
        assertArrayEquals(frame, receive(client));
    }

    @Test
    void aFrameOneByteOverTheMaximumEndsOnlyItsConnection() throws Exception {
        BaseServer<?> server = serve(Echo.class);
        assertRejected(server, MAX + 1, "a frame of 1048577 bytes is longer than 1048576 bytes");
    }

    @Test
    void aFrameOfFourGigabytesEndsOnlyItsConnection() throws Exception {
        BaseServer<?> server = serve(Echo.class);
        assertRejected(server, -1, "a frame of 4294967295 bytes is longer than 1048576 bytes");
    }

    /**
     * Reads a frame and answers with how many bytes its thread allocates while it waits for the next one, which may
     * have any length.
     */
    static final class Waiting extends StreamRequestHandler {
        @Override
        protected int maxFrameLength() {
            return Integer.MAX_VALUE;
        }

        @Override
        public void handle() throws IOException {
            readFrame();
            long before = Allocation.ofThisThread();
            try {
                readFrame();
            } catch (TruncatedFrameException cut) {
                writeLine((Allocation.ofThisThread() - before) + " bytes for: " + cut.getMessage());
            }
        }
    }

    /** No heap can hold an array of the announced length. */
    @Test
    void anAnnouncedFrameAllocatesNoMemory() throws Exception {
        StreamClient client = connect(serve(Waiting.class));
        send(client, random(7));
        client.write(prefix(Integer.MAX_VALUE));
        client.write(random(10));
        client.halfClose();
        String answer = String.valueOf(client.receive());
        assertTrue(answer.endsWith(" bytes for: the input ended in a frame after 10 of 2147483647 bytes"), answer);
        assertTrue(Long.parseLong(answer.substring(0, answer.indexOf(' '))) < MAX, answer);
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }

    private void assertRejected(BaseServer<?> server, int length, String message) throws Exception {
        StreamClient client = connect(server);
        send(client, new byte[] {'a'});
        assertArrayEquals(new byte[] {'a'}, receive(client));
        StreamClient other = connect(server);
        client.write(prefix(length));
        assertEquals(
                9,
                assertPeersFault(client, FrameTooLongException.class, message).bytesIn());
        send(other, random(7));
        assertArrayEquals(random(7), receive(other));
    }

    @Test
    void anEndInsideThePrefixIsNoCleanEnd() throws Exception {
        StreamClient client = connect(serve(Echo.class));
        client.write(new byte[] {0, 0, 0});
        client.halfClose();
        assertPeersFault(
                client, TruncatedFrameException.class, "the input ended in a frame's prefix after 3 of 4 bytes");
    }

    @Test
    void anEndInsideTheFrameIsNoCleanEnd() throws Exception {
        BaseServer<?> server = serve(Echo.class);
        StreamClient client = connect(server);
        client.write(prefix(MAX));
        client.write(random(10_000));
        client.halfClose();
        assertPeersFault(
                client, TruncatedFrameException.class, "the input ended in a frame after 10000 of 1048576 bytes");
        StreamClient next = connect(server);
        send(next, random(7));
        assertArrayEquals(random(7), receive(next));
    }

    /** Reads a line with the number of short frames that follow, and adds up their lengths. */
    static final class Mixed extends StreamRequestHandler {
        @Override
        protected int framePrefixBytes() {
            return 1;
        }

        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                int bytes = 0;
                for (int frames = Integer.parseInt(line); frames > 0; frames--) {
                    byte[] frame = readFrame();
                    bytes += frame == null ? 0 : frame.length;
                }
                writeLine(bytes + " bytes");
            }
        }
    }

    @Test
    void linesAndFramesCanAlternate() throws Exception {
        StreamClient client = connect(serve(Mixed.class));
        client.write("2\r\n\3a\nb\0001\n\5line\n0\n".getBytes("US-ASCII"));
        client.halfClose();
        assertEquals("3 bytes\n5 bytes\n0 bytes\n", new String(client.readAll(), "US-ASCII"));
    }
}
