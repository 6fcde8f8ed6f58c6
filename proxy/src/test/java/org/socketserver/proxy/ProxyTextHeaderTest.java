package org.socketserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.Network;
import org.socketserver.proxy.ProxyHeader.Command;
import org.socketserver.proxy.ProxyHeader.Transport;

/** Version 1. */
class ProxyTextHeaderTest {
    private static final ProxyProtocol PROXY = ProxyProtocol.from(Network.parse("10.0.0.0/8"));

    private static ProxyHeader read(String afterProxy) throws Exception {
        return PROXY.over(MemoryPeer.sends(Headers.v1(afterProxy)))
                .attribute(ProxyHeader.class)
                .orElseThrow();
    }

    private static String refused(byte[] sent) {
        return assertThrows(ProtocolException.class, () -> PROXY.over(MemoryPeer.sends(sent)))
                .getMessage();
    }

    private static String refused(String afterProxy) {
        return refused(Headers.v1(afterProxy));
    }

    @Test
    void aLineHasTransportAndAddresses() throws Exception {
        ProxyHeader header = read("TCP4 198.51.100.7 203.0.113.9 56324 8443");
        assertEquals(1, header.version());
        assertEquals(Command.PROXY, header.command());
        assertEquals(Transport.TCP4, header.transport());
        assertEquals(Optional.of(new InetSocketAddress("198.51.100.7", 56_324)), header.source());
        assertEquals(Optional.of(new InetSocketAddress("203.0.113.9", 8_443)), header.destination());
        assertEquals("v1 PROXY TCP4 198.51.100.7:56324 203.0.113.9:8443", header.toString());
    }

    @Test
    void aLineHasNothingElse() throws Exception {
        ProxyHeader header = read("TCP6 2001:db8::7 2001:db8::9 1 2");
        assertEquals(Transport.TCP6, header.transport());
        assertEquals(Optional.empty(), header.alpn());
        assertEquals(Optional.empty(), header.authority());
        assertEquals(Optional.empty(), header.uniqueId());
        assertEquals(Optional.empty(), header.ssl());
        assertEquals(Optional.empty(), header.netns());
        assertEquals(Optional.empty(), header.tlv(0xea));
        assertEquals(List.of(), header.tlvs(0xea));
        assertEquals(Optional.empty(), header.unixSource());
        assertEquals(Optional.empty(), header.unixDestination());
    }

    @ParameterizedTest
    @CsvSource({
        "::ffff:192.0.2.1, 192.0.2.1",
        "::FFFF:c000:201, 192.0.2.1",
        "0:0:0:0:0:ffff:192.0.2.1, 192.0.2.1",
        "64:ff9b::192.0.2.1, 64:ff9b::c000:201",
        "192.0.2.1, 192.0.2.1",
        "::, ::",
        "ABCD:ef01::, abcd:ef01::",
        "fe80::1, fe80::1"
    })
    void everyFormOfAnAddressInALineForIpv6IsAccepted(String text, String address) throws Exception {
        ProxyHeader header = read("TCP6 " + text + " 2001:db8::9 1 2");
        assertEquals(Optional.of(new InetSocketAddress(address, 1)), header.source());
        assertEquals(
                Optional.of(new InetSocketAddress(address, 2)),
                read("TCP6 2001:db8::9 " + text + " 1 2").destination());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "example.com",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.4.",
                "0x7f.0.0.1",
                "2130706433",
                "::ffff:1.2.3.4",
                "::1",
                "",
                "-1.2.3.4",
                "*"
            })
    void anythingElseThanAnIpv4AddressIsRefusedAndNeverLookedUp(String text) {
        assertTrue(refused("TCP4 " + text + " 203.0.113.9 1 2")
                .endsWith(" has address '" + text + "'; it must be an IP address of TCP4, without leading zeros or a"
                        + " zone"));
        assertTrue(refused("TCP4 203.0.113.9 " + text + " 1 2").contains(" has address '" + text + "'"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fe80::1%1",
                "fe80::1%eth0",
                "[::1]",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                ":",
                ":::",
                "12345::",
                "g::",
                "::ffff:1.2.3.256",
                "localhost",
                "ff.example.com"
            })
    void anythingElseThanAnIpv6AddressIsRefusedAndNeverLookedUp(String text) {
        assertTrue(refused("TCP6 " + text + " :: 1 2").contains(" has address '" + text + "'; it must be"));
        assertTrue(refused("TCP6 :: " + text + " 1 2").contains(" has address '" + text + "'; it must be"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 65_535})
    void everyPortIsAccepted(int port) throws Exception {
        ProxyHeader header = read("TCP4 198.51.100.7 203.0.113.9 " + port + " " + port);
        assertEquals(port, header.source().orElseThrow().getPort());
        assertEquals(port, header.destination().orElseThrow().getPort());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"65536", "99999", "100000", "4294967297", "+1", "-1", "00", "01", "0x1", "1.0", "", "\u0661"})
    void anythingElseThanAPortIsRefused(String text) {
        String expected = "'; it must be from 0 to 65535, without leading zeros";
        assertTrue(refused("TCP4 198.51.100.7 203.0.113.9 " + text + " 1").endsWith(expected), text);
        assertTrue(refused("TCP4 198.51.100.7 203.0.113.9 1 " + text).endsWith(expected), text);
    }

    @ParameterizedTest
    @CsvSource({
        "TCP4 1.2.3.4 1.2.3.4 1, 5",
        "TCP4 1.2.3.4 1.2.3.4 1 2 3, 7",
        "TCP4  1.2.3.4 1.2.3.4 1 2, 7",
        "'TCP4 1.2.3.4 1.2.3.4 1 2 ', 7",
        "'TCP4 ', 3",
        "TCP4, 2",
        "TCP6, 2"
    })
    void aLineHasSixFieldsWithOneSpaceBetweenThem(String line, int fields) {
        assertTrue(refused(line).endsWith(" has " + fields + " fields; it must have 6, with one space between them"));
    }

    @ParameterizedTest
    @CsvSource({
        "TCP5 1.2.3.4 1.2.3.4 1 2, TCP5",
        "UDP4 1.2.3.4 1.2.3.4 1 2, UDP4",
        "tcp4 1.2.3.4 1.2.3.4 1 2, tcp4",
        "UNKNOWNS, UNKNOWNS",
        "' TCP4 1.2.3.4 1.2.3.4 1 2', ''"
    })
    void anotherProtocolIsRefused(String line, String protocol) {
        assertTrue(refused(line).endsWith(" has protocol '" + protocol + "'; it must be TCP4, TCP6 or UNKNOWN"));
    }

    @Test
    void theRestOfAnUnknownLineIsIgnored() throws Exception {
        for (String rest : List.of("", " ", " 1.2.3.4 x -1 99999", " \r\r \0 \u00ff")) {
            ProxyHeader header = read("UNKNOWN" + rest);
            assertEquals(Transport.UNKNOWN, header.transport());
            assertEquals(Optional.empty(), header.source());
            assertEquals(Optional.empty(), header.destination());
            assertEquals("v1 PROXY UNKNOWN", header.toString());
        }
    }

    @Test
    void aLineEndsWithCrlf() {
        for (String line : List.of("PROXY UNKNOWN   \n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "PROXY \r\nUNKNOWN")) {
            assertTrue(refused(Headers.bytes(line + "more")).endsWith(" does not end with CRLF"), line);
        }
        assertTrue(refused("TCP4 1.2.3.4 1.2.3.4 1 2\r").endsWith("it must be from 0 to 65535, without leading zeros"));
    }

    @Test
    void aShortLineIsRefusedBeforeTheNextRead() {
        MemoryPeer peer = MemoryPeer.sends(Headers.bytes("PROXY TCP4 \r\n"), 12);
        assertThrows(ProtocolException.class, () -> PROXY.over(peer));
        assertEquals(2, peer.reads);
    }

    @Test
    void anyValidLineIsReadExactly() throws Exception {
        Random random = new Random(20_260_101);
        for (int round = 0; round < 20_000; round++) {
            boolean ipv4 = random.nextBoolean();
            byte[] line = Headers.v1((ipv4 ? "TCP4 " : "TCP6 ") + address(random, ipv4) + " "
                    + address(random, ipv4 || random.nextBoolean()) + " " + random.nextInt(1 << random.nextInt(17))
                    + " " + random.nextInt(1 << random.nextInt(17)));
            MemoryPeer peer = MemoryPeer.sends(Headers.join(line, new byte[100]), random.nextInt(line.length));
            PROXY.over(peer);
            assertEquals(line.length, peer.furthestRequested, new String(line, StandardCharsets.US_ASCII));
        }
    }

    private static String address(Random random, boolean ipv4) {
        String number = ipv4 ? "%d" : "%x";
        int bound = ipv4 ? 256 : 65_536;
        String[] groups = new String[ipv4 ? 4 : 1 + random.nextInt(8)];
        Arrays.setAll(groups, i -> number.formatted(random.nextInt(1 + random.nextInt(bound))));
        return String.join(ipv4 ? "." : ":", groups) + (ipv4 || groups.length == 8 ? "" : "::");
    }

    @Test
    void aLineHasAtMost107Bytes() throws Exception {
        String most = "UNKNOWN" + " ".repeat(107 - "PROXY UNKNOWN\r\n".length());
        assertEquals(Transport.UNKNOWN, read(most).transport());
        assertEquals(
                "the PROXY line has no CRLF in its first 107 bytes, which is the longest allowed", refused(most + " "));
        byte[] endless = Headers.bytes("PROXY TCP4 1.2.3.4 " + "1".repeat(100_000));
        MemoryPeer peer = MemoryPeer.sends(endless);
        assertThrows(ProtocolException.class, () -> PROXY.over(peer));
        assertEquals(107, peer.furthestRequested);
    }

    @Test
    void controlCharactersOfALineAreEscapedInTheMessage() {
        assertEquals(
                "the PROXY line 'PROXY TCP4 \\u001b[2J 1.2.3.4 1 2\\u000d\\u000a' has address '\\u001b[2J'; it must be"
                        + " an IP address of TCP4, without leading zeros or a zone",
                refused("TCP4 \u001b[2J 1.2.3.4 1 2"));
    }
}
