package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Server;
import org.socketserver.api.server.ConnectionRequest;
import org.socketserver.api.spi.Connection;
import org.socketserver.tcp.TcpServer;

/** The frames of {@link StreamRequestHandler}: the methods to override, and how frames are written. */
class FrameHandlerTest {
    private static final InetSocketAddress PEER = new InetSocketAddress("127.0.0.1", 9);
    private static final Server SERVER = new TcpServer(PEER, request -> {});

    /** An in-memory connection that records each write. */
    private static final class Memory implements Connection {
        private final ByteBuffer input;
        private final List<byte[]> writes = new ArrayList<>();

        Memory(byte... input) {
            this.input = ByteBuffer.wrap(input);
        }

        @Override
        public int read(ByteBuffer target) {
            if (!input.hasRemaining()) {
                return -1;
            }
            int count = Math.min(target.remaining(), input.remaining());
            target.put(input.slice().limit(count));
            input.position(input.position() + count);
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            byte[] bytes = new byte[source.remaining()];
            source.get(bytes);
            writes.add(bytes);
            return bytes.length;
        }

        @Override
        public void shutdownInput() {}

        @Override
        public void shutdownOutput() {}

        @Override
        public SocketAddress localAddress() {
            return PEER;
        }

        @Override
        public SocketAddress remoteAddress() {
            return PEER;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** The code that a test runs in a handler. */
    interface Steps {
        void with(StreamRequestHandler handler) throws IOException;
    }

    private static void handle(Memory connection, int prefix, Steps steps) throws Exception {
        new StreamRequestHandler() {
            @Override
            protected int framePrefixBytes() {
                return prefix;
            }

            @Override
            public void handle() throws IOException {
                steps.with(this);
            }
        }.handle(new ConnectionRequest(connection, SERVER));
    }

    @Test
    void aFrameIsSentWithOneWrite() throws Exception {
        Memory connection = new Memory();
        handle(connection, 4, handler -> {
            handler.writeFrame(new byte[] {'a', 'b'});
            handler.writeFrame(new byte[0]);
        });
        assertEquals(2, connection.writes.size());
        assertArrayEquals(new byte[] {0, 0, 0, 2, 'a', 'b'}, connection.writes.get(0));
        assertArrayEquals(new byte[4], connection.writes.get(1));
    }

    @Test
    void aFrameThatIsTooLongForThePrefixIsRejectedAndNotSent() throws Exception {
        Memory connection = new Memory();
        handle(connection, 1, handler -> {
            assertThrows(IllegalArgumentException.class, () -> handler.writeFrame(new byte[256]));
            handler.writeFrame(new byte[255]);
        });
        assertEquals(256, connection.writes.get(0).length);
    }

    @Test
    void theLimitAppliesOnlyToFramesThatAreRead() throws Exception {
        Memory connection = new Memory((byte) 0, (byte) 16, (byte) 0, (byte) 1);
        handle(connection, 4, handler -> {
            assertEquals(1_048_576, handler.maxFrameLength());
            handler.writeFrame(new byte[1_048_577]);
            assertEquals(
                    "a frame of 1048577 bytes is longer than 1048576 bytes",
                    assertThrows(FrameTooLongException.class, handler::readFrame)
                            .getMessage());
        });
    }

    @Test
    void theDefaultLimitFitsThePrefix() throws Exception {
        handle(new Memory(), 1, handler -> assertEquals(255, handler.maxFrameLength()));
        handle(new Memory(), 2, handler -> assertEquals(65_535, handler.maxFrameLength()));
    }

    @Test
    void anInvalidPrefixOrLimitIsReported() throws Exception {
        assertEquals(
                "framePrefixBytes is 3 bytes; it must be 1, 2 or 4 bytes",
                assertThrows(
                                IllegalStateException.class,
                                () -> handle(new Memory(), 3, handler -> handler.writeFrame(new byte[0])))
                        .getMessage());
        StreamRequestHandler tooMuch = new StreamRequestHandler() {
            @Override
            protected int framePrefixBytes() {
                return 2;
            }

            @Override
            protected int maxFrameLength() {
                return 65_536;
            }

            @Override
            public void handle() throws IOException {
                readFrame();
            }
        };
        assertEquals(
                "maxFrameLength is 65536 bytes; with a prefix of 2 bytes it must be 1 to 65535 bytes",
                assertThrows(
                                IllegalStateException.class,
                                () -> tooMuch.handle(new ConnectionRequest(new Memory(), SERVER)))
                        .getMessage());
    }

    @Test
    void aFrameThatIsTooLongCanBeSkipped() throws Exception {
        byte[] input = "\u0005large\u0002ok".getBytes(StandardCharsets.US_ASCII);
        new StreamRequestHandler() {
            @Override
            protected int framePrefixBytes() {
                return 1;
            }

            @Override
            protected int maxFrameLength() {
                return 4;
            }

            @Override
            public void handle() throws IOException {
                FrameTooLongException tooLong = assertThrows(FrameTooLongException.class, this::readFrame);
                input().skipNBytes(tooLong.length());
                assertArrayEquals(new byte[] {'o', 'k'}, readFrame());
                assertNull(readFrame());
            }
        }.handle(new ConnectionRequest(new Memory(input), SERVER));
    }
}
