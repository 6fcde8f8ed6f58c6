package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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
    private static final int ROUNDS = 500;

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

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aDamagedClientHelloThrowsAnIoException(String version) throws Exception {
        Tls tls = Certificates.ec("localhost").tls(folder).alpn("chat/1");
        byte[] hello = clientHello(version);
        long seed = Long.getLong("socketserver.race.seed", 1);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mutated(hello, new Random(seed * ROUNDS + round));
            Memory below = new Memory(ByteBuffer.wrap(bytes));
            try {
                tls.over(below);
                throw new AssertionError("a handshake without an answer of the client");
            } catch (IOException expected) {
                assertTrue(below.written < 20_000, "wrote " + below.written);
            } catch (RuntimeException | Error wrong) {
                throw new AssertionError("seed " + seed + ", round " + round + ": " + wrong, wrong);
            }
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
