package org.socketserver.api.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import org.socketserver.fuzz.Fuzzed;
import org.socketserver.unix.PeerCredentials;

@Fuzzed
class PortableTypeFuzzTest {
    /** In the order of the first byte of an input: inet, peer-credentials, proxy-header, unix. */
    private static final List<PortableType<?>> TYPES = types();

    private static List<PortableType<?>> types() {
        List<PortableType<?>> types = ServiceLoader.load(PortableType.class).stream()
                .<PortableType<?>>map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(PortableType::name))
                .toList();
        assertEquals(
                List.of("inet", "peer-credentials", "proxy-header", "unix"),
                types.stream().map(PortableType::name).toList());
        return types;
    }

    @FuzzTest(maxDuration = "")
    void bytesAreAValueThatIsEncodedAsTheSameOrAnEqualValueOrRefused(byte[] input) throws ProtocolException {
        if (input.length > 0) {
            roundTrip(TYPES.get((input[0] & 0xff) % TYPES.size()), Arrays.copyOfRange(input, 1, input.length));
        }
    }

    private static <T> void roundTrip(PortableType<T> type, byte[] bytes) throws ProtocolException {
        T value;
        try {
            value = type.decode(bytes.clone());
        } catch (ProtocolException refused) {
            assertFalse(refused.getMessage().isEmpty());
            return;
        }
        assertFalse(value.toString().isEmpty());
        byte[] encoded = type.encode(value);
        T copy = type.decode(encoded);
        assertEquals(value, copy);
        assertEquals(value.hashCode(), copy.hashCode());
        // A user can be written by number, and a host name in malformed UTF-8.
        if (!(value instanceof PeerCredentials)
                && !(value instanceof InetSocketAddress address && address.isUnresolved())) {
            assertArrayEquals(bytes, encoded);
        }
    }
}
