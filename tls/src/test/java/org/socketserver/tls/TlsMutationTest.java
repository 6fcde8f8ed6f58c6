package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.spi.Connection;

/** Handshakes with damaged first messages. */
class TlsMutationTest {
    /** For each version: 10,000 in all. */
    private static final int ROUNDS = 5_000;

    /** More than a handshake sends before the client answers. */
    private static final int MAX_WRITTEN = 20_000;

    /** More than a handshake allocates, even the first one. */
    private static final long MAX_ALLOCATED = 4 << 20;

    @TempDir
    private Path folder = Path.of("");

    private static byte[] clientHello(String version) throws Exception {
        SSLEngine client = Certificates.clientContext().createSSLEngine("b.example", 443);
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setProtocols(new String[] {version});
        parameters.setApplicationProtocols(new String[] {"chat/1"});
        client.setSSLParameters(parameters);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    private static byte[] mutated(byte[] hello, Random random) {
        byte[] bytes = hello.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
                case 3 -> bytes[at] = (byte) (random.nextBoolean() ? 0 : 0xff);
                default -> {
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100));
                    System.arraycopy(bytes, at, longer, longer.length - (bytes.length - at), bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }

    /** No outcome but an IOException: without the client's answer, the handshake can't complete. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aDamagedClientHelloThrowsAnIoException(String version) throws Exception {
        Tls tls = Certificates.ec("localhost").tls(folder).alpn("chat/1");
        byte[] hello = clientHello(version);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long seed = Long.getLong("socketserver.race.seed", 1);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mutated(hello, new Random(seed * ROUNDS + round));
            Memory below = new Memory(ByteBuffer.wrap(bytes));
            String id = "seed " + seed + ", round " + round;
            long before = memory.getThreadAllocatedBytes(thread);
            assertThrows(IOException.class, () -> tls.over(below), id);
            long allocated = memory.getThreadAllocatedBytes(thread) - before;
            assertTrue(allocated < MAX_ALLOCATED, id + " allocated " + allocated);
            assertTrue(below.written < MAX_WRITTEN, id + " wrote " + below.written);
        }
    }

    /** A connection that has some bytes to read and then ends. */
    private static final class Memory implements Connection {
        private final ByteBuffer input;
        private int written;

        Memory(ByteBuffer input) {
            this.input = input;
        }

        @Override
        public int read(ByteBuffer target) {
            if (!input.hasRemaining()) {
                return -1;
            }
            int count = Math.min(input.remaining(), target.remaining());
            target.put(input.slice(input.position(), count));
            input.position(input.position() + count);
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            source.position(source.limit());
            written += count;
            return count;
        }

        @Override
        public void shutdownInput() {}

        @Override
        public void shutdownOutput() {}

        @Override
        public SocketAddress localAddress() {
            return new InetSocketAddress(0);
        }

        @Override
        public SocketAddress remoteAddress() {
            return new InetSocketAddress(0);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
