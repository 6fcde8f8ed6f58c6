package org.socketserver.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    private static boolean contains(String network, String address) throws Exception {
        return Network.parse(network).contains(InetAddress.getByName(address));
    }

    private static String refusal(String text) {
        return assertThrows(IllegalArgumentException.class, () -> Network.parse(text))
                .getMessage();
    }

    private static Request from(SocketAddress client) {
        return (Request) Proxy.newProxyInstance(
                Request.class.getClassLoader(), new Class<?>[] {Request.class}, (proxy, method, arguments) -> {
                    assertEquals("clientAddress", method.getName());
                    return client;
                });
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0",
        "10.0.0.0/8, 10.255.255.255",
        "192.0.2.128/25, 192.0.2.128",
        "192.0.2.7, 192.0.2.7",
        "192.0.2.6/31, 192.0.2.7",
        "128.0.0.0/1, 255.255.255.255",
        "0.0.0.0/0, 0.0.0.0",
        "0.0.0.0/0, 255.255.255.255",
        "2001:db8::/32, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8:0:8000::/49, 2001:db8:0:ffff::",
        "2001:db8:0:1::/64, 2001:db8:0:1:8000::",
        "2001:db8:0:1:8000::/65, 2001:db8:0:1:ffff::",
        "8000::/1, ff02::1",
        "::1, ::1",
        "::/127, ::1",
        "::/0, ::",
        "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "::ffff:10.0.0.0/104, 10.1.2.3",
        "::ffff:0:0/96, 192.0.2.7",
        "10.0.0.0/8, ::ffff:10.1.2.3"
    })
    void anAddressWithThePrefixIsInside(String network, String address) throws Exception {
        assertTrue(contains(network, address));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 11.0.0.0",
        "10.0.0.0/8, 9.255.255.255",
        "192.0.2.128/25, 192.0.2.127",
        "192.0.2.7, 192.0.2.6",
        "128.0.0.0/1, 127.255.255.255",
        "2001:db8::/32, 2001:db9::",
        "2001:db8:0:8000::/49, 2001:db8:0:7fff::",
        "2001:db8:0:1::/64, 2001:db8:0:2::",
        "2001:db8:0:1:8000::/65, 2001:db8:0:1:7fff::",
        "8000::/1, 7fff::",
        "::1, ::2",
        "::1, 0.0.0.1",
        "0.0.0.0/0, ::",
        "0.0.0.0/0, ::1.2.3.4",
        "::/0, 10.0.0.1",
        "::/0, ::ffff:10.0.0.1",
        "::/64, 0.0.0.0",
        "::ffc0:0:0/90, 10.0.0.1"
    })
    void anAddressWithoutThePrefixIsOutside(String network, String address) throws Exception {
        assertFalse(contains(network, address));
    }

    @Test
    void anIpv4MappedInet6AddressCountsAsIpv4() throws Exception {
        byte[] bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1};
        InetAddress mapped = Inet6Address.getByAddress("", bytes, -1);
        assertEquals(16, mapped.getAddress().length);
        assertTrue(Network.parse("10.0.0.0/8").contains(mapped));
        assertFalse(Network.parse("::/0").contains(mapped));
    }

    @Test
    void theZoneOfAnAddressIsIgnored() throws Exception {
        byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
        assertTrue(Network.parse("fe80::/10").contains(Inet6Address.getByAddress("", linkLocal, 1)));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0/8",
        "192.0.2.7, 192.0.2.7/32",
        "0.0.0.0/0, 0.0.0.0/0",
        "255.255.255.255, 255.255.255.255/32",
        "2001:DB8::/32, 2001:db8::/32",
        "2001:0db8:0:0:0:0:0:0/32, 2001:db8::/32",
        "::1, ::1/128",
        "::/0, ::/0",
        "1::, 1::/128",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8/128",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0/128",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8/128",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3/128",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304/128",
        "64:ff9b::192.0.2.0/120, 64:ff9b::c000:200/120",
        "::1.2.3.4, ::102:304/128",
        "::ffff:10.0.0.0/104, 10.0.0.0/8",
        "::ffff:192.0.2.7, 192.0.2.7/32",
        "::ffff:0:0/96, 0.0.0.0/0"
    })
    void toStringReturnsTheCanonicalForm(String text, String canonical) {
        Network network = Network.parse(text);
        assertEquals(canonical, network.toString());
        assertEquals(network, Network.parse(canonical));
        assertEquals(network.hashCode(), Network.parse(canonical).hashCode());
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/8, 10.0.0.0/9", "0.0.0.0/0, ::/0", "0.0.0.0/0, ::/96", "::/64, ::/65", "::1, ::2"})
    void differentNetworksAreNotEqual(String one, String other) {
        assertNotEquals(Network.parse(one), Network.parse(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                " 10.0.0.0/8",
                "localhost",
                "localhost/8",
                "10",
                "10/8",
                "10.1",
                "10.0.0",
                "10.0.0.0.0",
                "10.0.0.",
                "10..0.0",
                "010.0.0.0",
                "0x0a.0.0.0",
                "256.0.0.0",
                "1000.0.0.0",
                "-1.0.0.0",
                "+1.0.0.0",
                "1\u0661.0.0.0",
                ":",
                ":::",
                "1:",
                ":1",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7::8",
                "::1:2:3:4:5:6:7:8",
                "1:2:3:4:5:6:7:8::",
                "1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17::",
                "12345::",
                "g::",
                "[::1]",
                "fe80::1%1",
                "fe80::1%eth0",
                "::10.0",
                "::010.0.0.0",
                "::256.0.0.0",
                "1.2.3.4::",
                "::1.2.3.4:5",
                "1:2:3:4:5:6:7:1.2.3.4"
            })
    void textWithoutAnIpAddressIsRejectedAndQuoted(String text) {
        assertEquals(
                "the network " + text + " does not begin with an IP address; write four numbers from 0 to 255 without"
                        + " leading zeros, or IPv6 without a zone",
                refusal(text));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/33, 33, 32",
        "10.0.0.0/08, 08, 32",
        "10.0.0.0/-1, -1, 32",
        "10.0.0.0/+8, +8, 32",
        "10.0.0.0/8/9, 8/9, 32",
        "10.0.0.0/255.0.0.0, 255.0.0.0, 32",
        "10.0.0.0/99999999999, 99999999999, 32",
        "10.0.0.0/, '', 32",
        "::/129, 129, 128",
        "::/x, x, 128"
    })
    void aPrefixOutOfBoundsIsRejectedWithItsBounds(String text, String prefix, int most) {
        assertEquals(
                "the prefix of the network " + text + " is " + prefix + "; it must be from 0 to " + most
                        + " bits, without leading zeros",
                refusal(text));
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/8, 10.0.0.0/8",
        "0.0.0.1/0, 0.0.0.0/0",
        "192.0.2.255/31, 192.0.2.254/31",
        "2001:db8::1/32, 2001:db8::/32",
        "2001:db8:0:1:8000::/64, 2001:db8:0:1::/64",
        "::1/0, ::/0",
        "::ffff:10.1.2.3/104, 10.0.0.0/8"
    })
    void bitsBeyondThePrefixAreRejectedWithACorrection(String text, String instead) {
        assertEquals("the network " + text + " has bits beyond its prefix; write " + instead, refusal(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::ffff:0:0/95", "::ffff:10.0.0.0/8", "::ffff:0.0.0.0/0"})
    void aMappedNetworkWiderThanIpv4IsRejected(String text) {
        assertEquals(
                "the network " + text + " is wider than IPv4; write 0.0.0.0/0 for all IPv4 addresses", refusal(text));
    }

    @Test
    void aRequestMatchesByItsClientAddress() throws Exception {
        Network network = Network.parse("192.0.2.0/24");
        assertTrue(network.matches(from(new InetSocketAddress("192.0.2.7", 5000))));
        assertFalse(network.matches(from(new InetSocketAddress("192.0.3.7", 5000))));
    }

    @Test
    void aClientWithoutAnIpAddressIsInNoNetwork() {
        for (String all : new String[] {"0.0.0.0/0", "::/0"}) {
            assertFalse(Network.parse(all).matches(from(UnixDomainSocketAddress.of("/tmp/s"))));
            assertFalse(Network.parse(all).matches(from(InetSocketAddress.createUnresolved("192.0.2.7", 1))));
        }
    }
}
