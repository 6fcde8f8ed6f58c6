package org.socketserver.proxy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ProtocolException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.spi.PortableType;

class ProxyHeaderTypeTest {
    private final ProxyHeaderType type = new ProxyHeaderType();

    private static Iterable<byte[]> headers() {
        return Headers.valid().values();
    }

    @ParameterizedTest
    @MethodSource("headers")
    void everyHeaderSurvivesARoundTrip(byte[] bytes) throws Exception {
        ProxyHeader header = ProxyHeader.parse(bytes);
        ProxyHeader carried = type.decode(type.encode(header));
        assertEquals(header, carried);
        assertEquals(header.hashCode(), carried.hashCode());
        assertEquals(header.toString(), carried.toString());
        assertEquals(header.source(), carried.source());
        assertEquals(header.destination(), carried.destination());
        assertEquals(header.authority(), carried.authority());
        assertTrue(type.encode(header).length <= 4_112);
    }

    @ParameterizedTest
    @MethodSource("headers")
    void anyOtherNumberOfBytesIsRefused(byte[] bytes) {
        for (int length = 0; length < bytes.length; length++) {
            byte[] truncated = Arrays.copyOf(bytes, length);
            assertThrows(ProtocolException.class, () -> type.decode(truncated));
        }
        assertThrows(ProtocolException.class, () -> type.decode(Arrays.copyOf(bytes, bytes.length + 1)));
        assertThrows(ProtocolException.class, () -> type.decode(Headers.join(bytes, bytes)));
    }

    @Test
    void aLineOverTheBoundIsRefused() {
        assertEquals(
                "the PROXY line has 108 bytes; it must have at most 107",
                assertThrows(ProtocolException.class, () -> type.decode(Headers.v1("UNKNOWN" + " ".repeat(93))))
                        .getMessage());
    }

    @Test
    void aHeaderDoesNotShareItsBytes() throws Exception {
        byte[] bytes = Headers.allTlvs();
        ProxyHeader header = type.decode(bytes);
        Arrays.fill(bytes, (byte) 0);
        Arrays.fill(type.encode(header), (byte) 0);
        assertArrayEquals(Headers.allTlvs(), type.encode(header));
    }

    @Test
    void differentHeadersAreNotEqual() throws Exception {
        ProxyHeader one = ProxyHeader.parse(Headers.v1("UNKNOWN"));
        assertNotEquals(one, ProxyHeader.parse(Headers.v1("UNKNOWN ")));
        assertNotEquals(one, "PROXY UNKNOWN");
    }

    @Test
    void theServiceLoaderFindsTheType() {
        Map<Class<?>, String> found = new HashMap<>();
        for (PortableType<?> known : ServiceLoader.load(PortableType.class)) {
            found.put(known.type(), known.name());
        }
        assertEquals("proxy-header", found.get(ProxyHeader.class));
    }
}
