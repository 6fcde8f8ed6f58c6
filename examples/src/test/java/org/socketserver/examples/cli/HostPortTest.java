package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
    @Test
    void hostAndPortAreReadForBothFamilies() {
        assertEquals(new InetSocketAddress("127.0.0.1", 8087), HostPort.parse("127.0.0.1:8087"));
        InetSocketAddress six = HostPort.parse("[::1]:80");
        assertTrue(six.getAddress() instanceof Inet6Address && six.getAddress().isLoopbackAddress());
        assertEquals(80, six.getPort());
    }

    @ParameterizedTest
    @ValueSource(strings = {":0", "*:0", "0.0.0.0:0", "[::]:0"})
    void noHostAndAStarMeanAllAddresses(String text) {
        assertTrue(HostPort.parse(text).getAddress().isAnyLocalAddress());
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, the address 127.0.0.1 has no port; write HOST:PORT",
        "[::1], the address [::1] has no port; write HOST:PORT",
        "::1:80, the address ::1:80 is ambiguous; write [IPV6]:PORT",
        "host:, the address host: has no port; write HOST:PORT",
        "host:abc, the port 'abc' is not a number from 0 to 65535",
        "host:-1, the port '-1' is not a number from 0 to 65535",
        "host:65536, the port '65536' is not a number from 0 to 65535",
        "no-such-host.invalid:1, the host no-such-host.invalid is unknown"
    })
    void whatIsNoAddressIsRefusedWithTheReason(String text, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> HostPort.parse(text))
                        .getMessage());
    }
}
