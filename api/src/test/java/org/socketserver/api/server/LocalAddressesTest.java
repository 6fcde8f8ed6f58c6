package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.server.SenderFilter.LocalAddresses;

class LocalAddressesTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<InetAddress> interfaces = new ArrayList<>();
    private boolean failing;
    private long now = Long.MAX_VALUE - 5;
    private int reads;
    private final LocalAddresses local = new LocalAddresses(
            () -> {
                reads++;
                if (failing) {
                    throw new SocketException("Too many open files");
                }
                return interfaces.stream();
            },
            () -> now);

    private static InetAddress address(String text) throws Exception {
        return InetAddress.getByName(text);
    }

    @Test
    void everyAddressOfEveryInterfaceIsLocal() throws Exception {
        LocalAddresses ofThisHost = new LocalAddresses();
        for (NetworkInterface one : NetworkInterface.networkInterfaces().toList()) {
            for (InetAddress address : one.inetAddresses().toList()) {
                assertTrue(ofThisHost.contains(address), address.toString());
            }
        }
        assertFalse(ofThisHost.contains(address("198.51.100.7")));
        assertFalse(ofThisHost.contains(address("2001:db8::7")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.255.0.9", "::1", "0.0.0.0", "::"})
    void loopbackAndWildcardAddressesAreLocalWithoutASystemCall(String always) throws Exception {
        assertTrue(local.contains(address(always)));
        assertEquals(0, reads);
    }

    @Test
    void addedAndRemovedAddressesAreNoticedWithinASecond() throws Exception {
        assertFalse(local.contains(address("192.0.2.1")));
        interfaces.add(address("192.0.2.1"));
        now += SECOND - 1;
        assertFalse(local.contains(address("192.0.2.1")));
        now += 1;
        assertTrue(local.contains(address("192.0.2.1")));
        interfaces.clear();
        now += SECOND;
        assertFalse(local.contains(address("192.0.2.1")));
    }

    @Test
    void theInterfacesAreReadAtMostOnceASecond() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            assertFalse(local.contains(address("192.0.2." + i % 256)));
        }
        assertEquals(1, reads);
    }

    @Test
    void knownAddressesAreKeptIfTheInterfacesCannotBeRead() throws Exception {
        interfaces.add(address("192.0.2.1"));
        assertTrue(local.contains(address("192.0.2.1")));
        failing = true;
        now += SECOND;
        assertTrue(local.contains(address("192.0.2.1")));
        assertFalse(local.contains(address("192.0.2.2")));
        assertEquals(2, reads);
    }
}
