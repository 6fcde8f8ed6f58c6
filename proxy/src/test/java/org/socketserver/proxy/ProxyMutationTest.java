package org.socketserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Network;

class ProxyMutationTest {
    private static final int ROUNDS = 100_000;
    private static final long SEED = 20_260_101;
    private static final ProxyProtocol LAYER = ProxyProtocol.from(Network.parse("10.0.0.0/8"));
    private static final int MAX_LENGTH = 16 + 4_096;

    private final ProxyHeaderType type = new ProxyHeaderType();

    @Test
    void aMutatedHeaderIsAHeaderOrADocumentedException() throws Exception {
        List<byte[]> valid = new ArrayList<>(Headers.valid().values());
        Random random = new Random(SEED);
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] mutated = mutated(valid.get(random.nextInt(valid.size())).clone(), random);
            MemoryPeer peer = MemoryPeer.sends(mutated, random.nextInt(mutated.length + 1));
            try {
                ProxyHeader header =
                        LAYER.over(peer).attribute(ProxyHeader.class).orElseThrow();
                byte[] read = Arrays.copyOf(mutated, peer.bytes.position());
                assertEquals(Optional.of(header), decoded(read));
                useEverything(header);
                accepted++;
            } catch (ProtocolException | DisconnectedException refused) {
                assertTrue(refused.getMessage().length() < 600, refused.getMessage());
            } catch (RuntimeException | AssertionError defect) {
                throw new AssertionError(HexFormat.of().formatHex(mutated), defect);
            }
            assertTrue(peer.furthestRequested <= MAX_LENGTH);
            decoded(mutated);
        }
        assertTrue(accepted > ROUNDS / 100 && accepted < ROUNDS, accepted + " were accepted");
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] result = bytes;
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
            int at = random.nextInt(Math.max(1, Math.min(result.length, 300)));
            switch (random.nextInt(6)) {
                case 0 -> result = Arrays.copyOf(result, at);
                case 1 -> result = Headers.join(result, Headers.bytes("\r\n"));
                case 2 -> {
                    byte[] more = new byte[1 + random.nextInt(20)];
                    random.nextBytes(more);
                    result = Headers.join(
                            Arrays.copyOf(result, at),
                            more,
                            Arrays.copyOfRange(result, at, Math.max(at, result.length)));
                }
                case 3 -> result = without(result, at);
                case 4 -> set(result, at, random.nextInt(256));
                default -> set(result, at, " .:0123456789afPRTU\r\n\0\u0001\u0002".charAt(random.nextInt(24)));
            }
        }
        return result;
    }

    private static byte[] without(byte[] bytes, int at) {
        return bytes.length == 0
                ? bytes
                : Headers.join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length));
    }

    private static void set(byte[] bytes, int at, int value) {
        if (bytes.length > 0) {
            bytes[at] = (byte) value;
        }
    }

    private Optional<ProxyHeader> decoded(byte[] bytes) {
        try {
            return Optional.of(type.decode(bytes));
        } catch (ProtocolException refused) {
            return Optional.empty();
        } catch (RuntimeException defect) {
            throw new AssertionError(HexFormat.of().formatHex(bytes), defect);
        }
    }

    private static void useEverything(ProxyHeader header) {
        assertEquals(header.source().isPresent(), header.destination().isPresent());
        assertTrue(header.version() == 1 || header.version() == 2);
        header.unixSource();
        header.unixDestination();
        header.alpn();
        header.authority();
        header.uniqueId();
        header.netns();
        header.ssl().ifPresent(ssl -> {
            ssl.isVerified();
            ssl.version();
            ssl.commonName();
            ssl.cipher();
            ssl.signatureAlgorithm();
            ssl.keyAlgorithm();
        });
        for (int type = 0; type < 256; type++) {
            assertEquals(header.tlv(type).isPresent(), !header.tlvs(type).isEmpty());
        }
        assertTrue(header.toString().length() < 200);
    }
}
