package org.socketserver.proxy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Network;
import org.socketserver.api.spi.Connection;
import org.socketserver.fuzz.Fuzzed;
import org.socketserver.fuzz.Pieces;

@Fuzzed
class ProxyHeaderFuzzTest {
    private static final InetSocketAddress PROXY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    private static final ProxyProtocol LAYER = ProxyProtocol.from(Network.parse("127.0.0.1"));

    @FuzzTest(maxDuration = "")
    void anInputIsAHeaderThatIsReadExactlyOrADocumentedExceptionHoweverItIsSplit(FuzzedDataProvider data)
            throws IOException {
        long sizes = data.consumeLong();
        byte[] bytes = data.consumeRemainingAsBytes();
        Object inPieces = read(bytes, sizes);
        Object atOnce = read(bytes, -1);
        if (atOnce instanceof ProxyHeader header) {
            assertEquals(header, inPieces);
            useAll(header);
            assertEquals(header, ProxyHeader.parse(header.bytes()));
        } else {
            assertEquals(atOnce.getClass(), inPieces.getClass());
        }
    }

    private static Object read(byte[] bytes, long sizes) throws IOException {
        Pieces pieces = new Pieces(bytes, sizes);
        try {
            ProxyHeader header =
                    LAYER.over(new Input(pieces)).attribute(ProxyHeader.class).orElseThrow();
            assertArrayEquals(Arrays.copyOf(bytes, pieces.given()), header.bytes(), "exactly the header was read");
            return header;
        } catch (ProtocolException | DisconnectedException documented) {
            assertFalse(documented.getMessage().isEmpty());
            return documented;
        }
    }

    /** Calls every method, because values are decoded on demand. */
    private static void useAll(ProxyHeader header) {
        header.source();
        header.destination();
        header.unixSource();
        header.unixDestination();
        header.alpn();
        header.authority();
        header.uniqueId();
        header.netns();
        header.ssl().ifPresent(ssl -> {
            ssl.version();
            ssl.commonName();
            ssl.cipher();
            ssl.signatureAlgorithm();
            ssl.keyAlgorithm();
            assertFalse(ssl.toString().isEmpty());
        });
        for (int type = 0; type <= 0xff; type++) {
            assertEquals(header.tlv(type).isPresent(), !header.tlvs(type).isEmpty());
        }
        assertFalse(header.toString().isEmpty());
        assertEquals(header.hashCode(), header.hashCode());
    }

    /** A connection from a proxy that only sends. */
    private record Input(Pieces pieces) implements Connection {
        @Override
        public int read(ByteBuffer target) {
            return pieces.read(target);
        }

        @Override
        public int write(ByteBuffer source) {
            throw new AssertionError("nothing is written");
        }

        @Override
        public void shutdownInput() {}

        @Override
        public void shutdownOutput() {}

        @Override
        public SocketAddress localAddress() {
            return PROXY;
        }

        @Override
        public SocketAddress remoteAddress() {
            return PROXY;
        }

        @Override
        public <T> Optional<T> attribute(Class<T> type) {
            return Optional.empty();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
