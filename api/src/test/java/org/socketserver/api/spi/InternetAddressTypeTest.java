package org.socketserver.api.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.internal.AddressText;

class InternetAddressTypeTest {
    private final InternetAddressType type = new InternetAddressType();

    private InetSocketAddress carried(InetSocketAddress address) throws Exception {
        return type.decode(type.encode(address));
    }

    private String refused(byte... bytes) {
        return assertThrows(ProtocolException.class, () -> type.decode(bytes)).getMessage();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 80",
        "0.0.0.0, 0",
        "255.255.255.255, 65535",
        "::1, 32768",
        "::, 1",
        "fe80::1%1, 80",
        "fe80::1%2147483647, 80",
        "1:2:3:4:5:6:7:8, 9",
    })
    void addressPortAndScopeSurviveARoundTrip(String host, int port) throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        InetSocketAddress carried = carried(address);
        assertEquals(address, carried);
        // equals ignores the scope.
        assertEquals(AddressText.of(address), AddressText.of(carried));
    }

    @Test
    void anAddressWithoutAScopeKeepsNone() throws Exception {
        assertEquals("[fe80::1]:80", AddressText.of(carried(new InetSocketAddress("fe80::1", 80))));
    }

    @Test
    void aNamedScopeIsEncodedAsItsNumber() throws Exception {
        byte[] local = InetAddress.getByName("fe80::1").getAddress();
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            Inet6Address scoped;
            try {
                scoped = Inet6Address.getByAddress(null, local, network);
            } catch (UnknownHostException hasNoLocalAddress) {
                continue;
            }
            InetSocketAddress carried = carried(new InetSocketAddress(scoped, 80));
            assertEquals(scoped.getScopeId(), ((Inet6Address) carried.getAddress()).getScopeId());
        }
        Inet6Address none = Inet6Address.getByAddress(null, local, 0);
        assertEquals("[fe80::1]:80", AddressText.of(carried(new InetSocketAddress(none, 80))));
    }

    @Test
    void anIpv4MappedAddressStaysAnInet6Address() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        mapped[12] = 127;
        mapped[15] = 1;
        InetSocketAddress address = new InetSocketAddress(Inet6Address.getByAddress(null, mapped, -1), 80);
        assertInstanceOf(Inet6Address.class, carried(address).getAddress());
        assertEquals(address, carried(address));
    }

    @Test
    void theHostNameOfAResolvedAddressIsDropped() throws Exception {
        InetAddress named = InetAddress.getByAddress("a.name", new byte[] {127, 0, 0, 1});
        assertEquals("127.0.0.1", carried(new InetSocketAddress(named, 80)).getHostString());
    }

    @Test
    void anUnresolvedAddressIsEncodedAsItsName() throws Exception {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("ä.name", 40_080);
        assertEquals(unresolved, carried(unresolved));
        assertTrue(carried(unresolved).isUnresolved());
        assertEquals("an internet address of family 0 has 2 bytes; it must have 3", refused((byte) 0, (byte) 1));
    }

    @Test
    void invalidBytesAreRejectedWithValueAndBounds() {
        assertEquals("an internet address has 0 bytes; it must have 7 or 23", refused());
        assertEquals("the family of an internet address is 5; it must be 0, 4 or 6", refused((byte) 5));
        byte[] scope = Arrays.copyOf(new byte[] {6}, 23);
        scope[19] = -1;
        assertEquals("the scope of an IPv6 address is -16777216; it must be 0 or more", refused(scope));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void tooFewOrTooManyBytesAreRejected(String host) {
        byte[] bytes = type.encode(new InetSocketAddress(host, 80));
        for (int length = 1; length < 100; length++) {
            if (length != bytes.length) {
                assertEquals(
                        "an internet address of family " + bytes[0] + " has " + length + " bytes; it must have "
                                + bytes.length,
                        refused(Arrays.copyOf(bytes, length)));
            }
        }
    }

    @Test
    void randomBytesAreAnAddressOrAProtocolException() {
        Random random = new Random(20_260_101);
        int addresses = 0;
        for (int round = 0; round < 50_000; round++) {
            byte[] bytes = new byte[new int[] {7, 23, random.nextInt(40)}[random.nextInt(3)]];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[0] = (byte) (bytes.length == 7 ? 4 : 6);
            }
            try {
                InetSocketAddress address = type.decode(bytes);
                assertEquals(AddressText.of(address), AddressText.of(carried(address)));
                addresses++;
            } catch (ProtocolException refused) {
                continue;
            } catch (Exception defect) {
                throw new AssertionError(Arrays.toString(bytes), defect);
            }
        }
        assertTrue(addresses > 1_000, addresses + " addresses");
    }

    @Test
    void theServiceLoaderFindsTheType() {
        Map<Class<?>, String> found = new HashMap<>();
        for (PortableType<?> known : ServiceLoader.load(PortableType.class)) {
            found.put(known.type(), known.name());
        }
        assertEquals("inet", found.get(InetSocketAddress.class));
    }
}
