package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.ProtocolException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.spi.PortableType;

class UnixAddressTypeTest {
    private final UnixAddressType type = new UnixAddressType();

    private UnixAddress carried(UnixAddress address) throws Exception {
        return type.decode(type.encode(address));
    }

    private String refused(byte[] bytes) {
        return assertThrows(ProtocolException.class, () -> type.decode(bytes)).getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/run/shout.sock", "shout.sock", "./@shout", "@shout", "@a\0b", "@sh\u00f6ut"})
    void pathsAndAbstractNamesSurviveARoundTrip(String text) throws Exception {
        UnixAddress address = UnixAddress.parse(text);
        assertEquals(address, carried(address));
        assertEquals(address.path(), carried(address).path());
        assertEquals(address.abstractName(), carried(address).abstractName());
    }

    @Test
    void theUnnamedAddressSurvivesARoundTrip() throws Exception {
        assertSame(UnixAddress.unnamed(), carried(UnixAddress.unnamed()));
    }

    @Test
    void theLongestAddressesSurviveARoundTrip() throws Exception {
        UnixAddress path = UnixAddress.path(Path.of("x".repeat(UnixAddress.MAX_PATH)));
        assertEquals(path, carried(path));
        UnixAddress name = UnixAddress.abstractName("x".repeat(UnixAddress.MAX_NAME));
        assertEquals(name, carried(name));
    }

    @Test
    void aPathThatIsNotTextSurvivesARoundTrip() throws Exception {
        byte[] bytes = {'/', (byte) 0xff, (byte) 0xfe};
        assertArrayEquals(bytes, carried(UnixAddress.ofKernel(bytes)).kernelName());
    }

    @Test
    void anAddressDoesNotShareItsBytes() throws Exception {
        UnixAddress address = UnixAddress.parse("/run/a");
        type.encode(address)[0] = 'x';
        assertEquals("/run/a", address.toString());
        byte[] bytes = type.encode(address);
        UnixAddress decoded = type.decode(bytes);
        bytes[0] = 'x';
        assertEquals(address, decoded);
    }

    @Test
    void invalidBytesAreRejectedWithValueAndBounds() {
        byte[] tooLong = new byte[UnixAddress.SUN_PATH + 1];
        Arrays.fill(tooLong, (byte) 'x');
        assertEquals(
                "the address of a Unix socket has " + tooLong.length + " bytes; it must have at most "
                        + UnixAddress.SUN_PATH,
                refused(tooLong));
        assertEquals("the address of a Unix socket ends with NUL", refused(new byte[] {'a', 0}));
        assertEquals("the address of a Unix socket ends with NUL", refused(new byte[1]));
    }

    @Test
    void randomBytesAreAnAddressOrAProtocolException() {
        Random random = new Random(20_260_101);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(130)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[0] = 0;
            }
            try {
                UnixAddress address = type.decode(bytes);
                assertArrayEquals(bytes, type.encode(address));
                address.path();
                address.abstractName();
                assertEquals(bytes.length == 0, address.toString().equals("unnamed") && address.isUnnamed());
            } catch (ProtocolException refused) {
                continue;
            } catch (RuntimeException defect) {
                throw new AssertionError(Arrays.toString(bytes), defect);
            }
        }
    }

    @Test
    void theServiceLoaderFindsTheType() {
        Map<Class<?>, String> found = new HashMap<>();
        for (PortableType<?> known : ServiceLoader.load(PortableType.class)) {
            found.put(known.type(), known.name());
        }
        assertEquals("unix", found.get(UnixAddress.class));
    }
}
