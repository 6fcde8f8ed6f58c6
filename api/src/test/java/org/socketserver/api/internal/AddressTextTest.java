package org.socketserver.api.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.spi.InternetFamily;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8087, 127.0.0.1, 8087",
        "[::1]:0, ::1, 0",
        "[::]:80, ::, 80",
        "[::ffff:127.0.0.1]:80, 127.0.0.1, 80",
        "0.0.0.0:65535, 0.0.0.0, 65535",
    })
    void anIpAddressIsResolvedAtOnce(String text, String host, int port) throws Exception {
        assertEquals(new InetSocketAddress(InetAddress.getByName(host), port), AddressText.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {":0", "*:0", "0.0.0.0:0", "[::]:0"})
    void anEmptyHostOrAStarIsTheWildcardAddress(String text) {
        assertTrue(AddressText.parse(text).getAddress().isAnyLocalAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:80", "a-b.example.:80", "4u.example:80", "straße.example:80", "[fe80::1%lo]:80"})
    void aHostNameIsNotResolved(String text) {
        InetSocketAddress address = AddressText.parse(text);
        assertTrue(address.isUnresolved());
        assertEquals(text, AddressText.of(address));
    }

    @Test
    void theZoneOfAnIpv6AddressIsKept() throws Exception {
        InetSocketAddress address = InternetFamily.resolve(AddressText.parse("[fe80::1%1]:80"));
        assertFalse(address.isUnresolved());
        assertTrue(AddressText.of(address).matches("\\[fe80::1%(1|lo)]:80"), AddressText.of(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "127.0.0.1",
                "[::1]",
                "host:",
                "host:abc",
                "host:-1",
                "host:+1",
                "host: 1",
                "/run/x.sock",
                "host:٣"
            })
    void anAddressWithoutAPortNumberIsRejected(String text) {
        assertRefused("the address " + text + " has no port number; write HOST:PORT with a port from 0 to 65535", text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"65536", "70000", "4294967376", "99999999999999999999"})
    void aPortOutOfBoundsIsRejectedWithItsBounds(String port) {
        assertRefused(
                "the address host:" + port + " has port " + port + "; it must be from 0 to 65535", "host:" + port);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::1:80",
                "[]:80",
                "[::g]:80",
                "[127.0.0.1]:80",
                "[host]:80",
                "[::1%]:80",
                "256.0.0.1:80",
                "127.1:80",
                "127.0.0.01:80",
                "a host:80",
                "tcp://host:80",
                "**:80"
            })
    void anInvalidHostIsRejected(String text) {
        assertRefused(
                "the address " + text
                        + " has no valid host; write a name, 127.0.0.1, [::1], or * for all addresses of this host",
                text);
    }

    @Test
    void aLongTextWithColonsIsRejected() {
        String colons = "0:".repeat(100_000);
        assertEquals(Optional.empty(), AddressText.ofLiteral(colons));
        assertRefused(
                "the address [" + colons
                        + "]:80 has no valid host; write a name, 127.0.0.1, [::1], or * for all addresses of this host",
                "[" + colons + "]:80");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1:2:3:4:5:6:7:8", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:1.2.3.4"})
    void anIpAddressWithAllGroupsIsALiteral(String text) throws Exception {
        assertEquals(Optional.of(InetAddress.getByName(text)), AddressText.ofLiteral(text));
    }

    @Test
    void controlCharactersInMessagesAreEscaped() {
        assertRefused("the address \\u001b:99999 has port 99999; it must be from 0 to 65535", "\033:99999");
    }

    private static void assertRefused(String message, String text) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> AddressText.parse(text))
                        .getMessage());
    }
}
