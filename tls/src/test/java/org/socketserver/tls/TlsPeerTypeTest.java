package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.ProtocolException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The encoding of peers. */
class TlsPeerTypeTest {
    private final TlsPeerType type = new TlsPeerType();

    private static TlsPeer peer(int certificates) {
        return new TlsPeer(
                "TLSv1.3",
                "TLS_AES_128_GCM_SHA256",
                Collections.nCopies(
                        certificates, (X509Certificate) Certificates.ec("alice").certificate()),
                Optional.of("chat/\u00e4"),
                Optional.of("b.example"));
    }

    @Test
    void aPeerIsTheSameAfterTheWay() throws Exception {
        assertEquals(peer(2), type.decode(type.encode(peer(2))));
        TlsPeer bare = new TlsPeer("TLSv1.2", "x", List.of(), Optional.empty(), Optional.empty());
        assertEquals(bare, type.decode(type.encode(bare)));
        assertEquals(TlsPeer.class, type.type());
        assertEquals("tls-peer", type.name());
    }

    @Test
    void tooManyCertificatesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> type.encode(peer(1_000)));
    }

    @Test
    void otherBytesAreAProtocolException() throws Exception {
        byte[] bytes = type.encode(peer(1));
        Random random = new Random(1);
        for (int i = 0; i < 5_000; i++) {
            byte[] mutated = Arrays.copyOf(bytes, random.nextInt(bytes.length + 10));
            for (int j = random.nextInt(4); j > 0 && mutated.length > 0; j--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            try {
                type.decode(mutated);
            } catch (ProtocolException expected) {
                // As the contract says.
            }
        }
        assertThrows(ProtocolException.class, () -> type.decode(new byte[0]));
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 3);
        assertThrows(ProtocolException.class, () -> type.decode(longer));
        assertArrayEquals(bytes, type.encode(type.decode(bytes)));
    }
}
