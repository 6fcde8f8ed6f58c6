package org.socketserver.proxy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.socketserver.proxy.Headers.IPV4;
import static org.socketserver.proxy.Headers.IPV6;
import static org.socketserver.proxy.Headers.LOCAL;
import static org.socketserver.proxy.Headers.PROXY;
import static org.socketserver.proxy.Headers.checked;
import static org.socketserver.proxy.Headers.hex;
import static org.socketserver.proxy.Headers.join;
import static org.socketserver.proxy.Headers.ssl;
import static org.socketserver.proxy.Headers.tlv;
import static org.socketserver.proxy.Headers.unix;
import static org.socketserver.proxy.Headers.v2;

import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.Network;
import org.socketserver.proxy.ProxyHeader.Command;
import org.socketserver.proxy.ProxyHeader.Transport;

/** Version 2. */
class ProxyBinaryHeaderTest {
    private static final ProxyProtocol LAYER = ProxyProtocol.from(Network.parse("10.0.0.0/8"));

    private static ProxyHeader read(byte[] sent) throws Exception {
        return LAYER.over(MemoryPeer.sends(sent)).attribute(ProxyHeader.class).orElseThrow();
    }

    private static ProxyHeader tcp4(byte[]... tlvs) throws Exception {
        return read(v2(PROXY, 0x11, IPV4, join(tlvs)));
    }

    private static String refused(byte[] sent) {
        return assertThrows(ProtocolException.class, () -> LAYER.over(MemoryPeer.sends(sent)))
                .getMessage();
    }

    private static String refusedTcp4(byte[]... tlvs) {
        return refused(v2(PROXY, 0x11, IPV4, join(tlvs)));
    }

    // Command, family, addresses

    @ParameterizedTest
    @CsvSource({"0x11, TCP4", "0x12, UDP4", "0x21, TCP6", "0x22, UDP6"})
    void aHeaderHasTransportAndAddresses(int code, Transport transport) throws Exception {
        boolean ipv4 = code < 0x20;
        ProxyHeader header = read(v2(PROXY, code, ipv4 ? IPV4 : IPV6));
        assertEquals(2, header.version());
        assertEquals(Command.PROXY, header.command());
        assertEquals(transport, header.transport());
        String source = ipv4 ? "198.51.100.7" : "2001:db8::7";
        String destination = ipv4 ? "203.0.113.9" : "2001:db8::9";
        assertEquals(Optional.of(new InetSocketAddress(source, 56_324)), header.source());
        assertEquals(Optional.of(new InetSocketAddress(destination, 8_443)), header.destination());
        assertEquals(Optional.empty(), header.unixSource());
        assertEquals(Optional.empty(), header.unixDestination());
    }

    @Test
    void anIpv4MappedAddressIsAnIpv4Address() throws Exception {
        byte[] mapped = hex("00000000000000000000ffffc6336407 00000000000000000000ffffcb007109 ffff 0000");
        assertEquals(
                "v2 PROXY TCP6 198.51.100.7:65535 203.0.113.9:0",
                read(v2(PROXY, 0x21, mapped)).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "/run/a.sock, /run/a.sock",
        "'/run/a.sock\0garbage', /run/a.sock",
        "'\0name', @name",
        "'\0a\0b', '@a\0b'",
        "'\n', '\n'"
    })
    void aUnixAddressIsAPathOrANameOrNothing(String bytes, String text) throws Exception {
        ProxyHeader header = read(v2(PROXY, 0x31, unix(bytes, "/d"), tlv(0x02, "a.example")));
        assertEquals(Transport.UNIX_STREAM, header.transport());
        assertEquals(Optional.of(text), header.unixSource());
        assertEquals(Optional.of("/d"), header.unixDestination());
        assertEquals(Optional.empty(), header.source());
        assertEquals(Optional.of("a.example"), header.authority());
        assertEquals(Optional.of(text), read(v2(PROXY, 0x32, unix("/s", bytes))).unixDestination());
    }

    @Test
    void theLongestUnixAddressIsComplete() throws Exception {
        String longest = "x".repeat(108);
        ProxyHeader header = read(v2(PROXY, 0x31, unix(longest, longest)));
        assertEquals(Optional.of(longest), header.unixSource());
        assertEquals(Optional.of(longest), header.unixDestination());
    }

    @Test
    void aLocalHeaderHasNothingButItsCommand() throws Exception {
        for (int family : List.of(0, 0x11, 0x21, 0x31, 0x44, 0xff)) {
            ProxyHeader header = read(v2(LOCAL, family, IPV4, tlv(0x02, "a"), tlv(0x03, "wrong"), hex("ff")));
            assertEquals(Command.LOCAL, header.command());
            assertEquals(Transport.UNKNOWN, header.transport());
            assertEquals(Optional.empty(), header.source());
            assertEquals(Optional.empty(), header.authority());
            assertEquals("v2 LOCAL UNKNOWN", header.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, 0x02, 0x10, 0x20, 0x30})
    void aHeaderWithoutFamilyOrProtocolHasNoAddressesAndNoTlvs(int code) throws Exception {
        ProxyHeader header = read(v2(PROXY, code, IPV4, tlv(0x02, "a"), hex("ff")));
        assertEquals(Command.PROXY, header.command());
        assertEquals(Transport.UNKNOWN, header.transport());
        assertEquals(Optional.empty(), header.source());
        assertEquals(Optional.empty(), header.authority());
    }

    @ParameterizedTest
    @CsvSource({
        "0x11, has version 1; it must be 2",
        "0x31, has version 3; it must be 2",
        "0x01, has version 0; it must be 2",
        "0xf1, has version 15; it must be 2",
        "0x22, has command 2; it must be 0 (LOCAL) or 1 (PROXY)",
        "0x2f, has command 15; it must be 0 (LOCAL) or 1 (PROXY)"
    })
    void anUnknownVersionOrCommandIsRefused(int code, String why) {
        assertEquals("the PROXY header " + why, refused(v2(code, 0x11, IPV4)));
    }

    @ParameterizedTest
    @CsvSource({
        "0x41, has address family 4; it must be from 0 to 3",
        "0xf0, has address family 15; it must be from 0 to 3",
        "0x13, has transport protocol 3; it must be from 0 to 2",
        "0x0f, has transport protocol 15; it must be from 0 to 2"
    })
    void anUnknownFamilyOrProtocolIsRefused(int code, String why) {
        assertEquals("the PROXY header " + why, refused(v2(PROXY, code, IPV6)));
    }

    @ParameterizedTest
    @CsvSource({"0x11, TCP4, 12", "0x12, UDP4, 12", "0x21, TCP6, 36", "0x22, UDP6, 36", "0x31, UNIX_STREAM, 216"})
    void aHeaderThatIsTooShortForItsAddressesIsRefused(int code, String transport, int needed) {
        for (int length : List.of(0, 1, needed - 1)) {
            assertEquals(
                    "the PROXY header declares " + length + " bytes after its first 16; the addresses of " + transport
                            + " need " + needed,
                    refused(v2(PROXY, code, new byte[length])));
        }
    }

    @Test
    void aHeaderOverTheBoundIsRefusedBeforeItIsRead() throws Exception {
        byte[] most = v2(PROXY, 0x11, IPV4, tlv(0xe0, new byte[4_096 - 15]));
        assertEquals(4_096 - 15, read(most).tlv(0xe0).orElseThrow().length);
        for (int length : List.of(4_097, 65_535)) {
            for (int command : List.of(PROXY, LOCAL)) {
                MemoryPeer peer = MemoryPeer.sends(v2(command, 0x11, new byte[length]));
                assertEquals(
                        "the PROXY header declares " + length + " bytes after its first 16; at most 4096 are allowed",
                        assertThrows(ProtocolException.class, () -> LAYER.over(peer))
                                .getMessage());
                assertEquals(16, peer.furthestRequested);
            }
        }
    }

    // TLVs

    @Test
    void everyTlvOfTheSpecificationHasAMethod() throws Exception {
        ProxyHeader header = read(Headers.allTlvs());
        assertEquals(Optional.of("h2"), header.alpn());
        assertEquals(Optional.of("shout.example"), header.authority());
        assertArrayEquals(hex("00ff80"), header.uniqueId().orElseThrow());
        assertEquals(Optional.of("blue"), header.netns());
        ProxyHeader.Ssl ssl = header.ssl().orElseThrow();
        assertTrue(ssl.isTls());
        assertTrue(ssl.hasCertificate());
        assertTrue(ssl.hasSessionCertificate());
        assertTrue(ssl.isVerified());
        assertEquals(Optional.of("TLSv1.3"), ssl.version());
        assertEquals(Optional.of("J\u00f6rg"), ssl.commonName());
        assertEquals(Optional.of("TLS_AES_256_GCM_SHA384"), ssl.cipher());
        assertEquals(Optional.of("RSA-SHA256"), ssl.signatureAlgorithm());
        assertEquals(Optional.of("RSA2048"), ssl.keyAlgorithm());
        assertArrayEquals(hex("3082"), ssl.tlv(0x28).orElseThrow());
        assertEquals(Optional.empty(), ssl.tlv(0x29));
    }

    @Test
    void aTlvOfAnotherTypeIsBytesAndCanBeRepeated() throws Exception {
        ProxyHeader header = tcp4(tlv(0xea, "one"), tlv(0x99), tlv(0xea, "two"));
        assertEquals("one", new String(header.tlv(0xea).orElseThrow(), StandardCharsets.US_ASCII));
        assertEquals(
                List.of("one", "two"),
                header.tlvs(0xea).stream()
                        .map(value -> new String(value, StandardCharsets.US_ASCII))
                        .toList());
        assertEquals(0, header.tlv(0x99).orElseThrow().length);
        assertEquals(Optional.empty(), header.tlv(0x98));
        assertEquals(List.of(), header.tlvs(-1));
    }

    @Test
    void theBytesOfAHeaderCannotBeChanged() throws Exception {
        ProxyHeader header = tcp4(tlv(0xea, "one"), tlv(0x05, "id"));
        header.tlv(0xea).orElseThrow()[0] = 'x';
        header.tlvs(0xea).get(0)[0] = 'x';
        header.uniqueId().orElseThrow()[0] = 'x';
        header.bytes()[0] = 'x';
        assertArrayEquals(Headers.bytes("one"), header.tlv(0xea).orElseThrow());
        assertArrayEquals(Headers.bytes("id"), header.uniqueId().orElseThrow());
        assertEquals(2, header.version());
    }

    @Test
    void paddingIsIgnored() throws Exception {
        ProxyHeader header = tcp4(tlv(0x04), tlv(0x04, "xx"), tlv(0x02, "a"), tlv(0x04));
        assertEquals(Optional.of("a"), header.authority());
        assertEquals(Optional.empty(), header.tlv(0x04));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x02, 0x05, 0x20, 0x30})
    void aRepeatedTlvThatHasAMethodIsRefused(int type) {
        byte[] value = new byte[5];
        assertEquals(
                String.format("TLV 0x%02x of the PROXY header is present 2 times; it may be present once", type),
                refusedTcp4(tlv(type, value), tlv(0xea), tlv(type, value)));
    }

    @Test
    void aSecondChecksumIsRefused() {
        assertEquals(
                "TLV 0x03 of the PROXY header is present 2 times; it may be present once",
                refused(checked(checked(v2(PROXY, 0x11, IPV4)))));
    }

    @Test
    void aTlvThatDoesNotEndWithinTheHeaderIsRefused() {
        assertEquals(
                "TLV 0x02 of the PROXY header declares 10 bytes; only 5 follow",
                refused(join(v2(PROXY, 0x11, IPV4, hex("02000a 6162636465")), hex("6162636465"))));
        assertEquals("TLV 0xff of the PROXY header declares 65535 bytes; only 0 follow", refusedTcp4(hex("ffffff")));
        assertEquals("TLV 0x04 of the PROXY header declares 1 bytes; only 0 follow", refusedTcp4(hex("040001")));
    }

    @Test
    void bytesAfterTheLastTlvAreRefused() {
        for (String rest : List.of("00", "0200")) {
            assertEquals(
                    "the PROXY header has " + rest.length() / 2 + " bytes after its last TLV; a TLV needs at least 3",
                    refusedTcp4(tlv(0x02, "a"), hex(rest)));
        }
    }

    @Test
    void aTlvAfterTheHeaderIsNotPartOfIt() throws Exception {
        MemoryPeer peer = MemoryPeer.sends(join(v2(PROXY, 0x11, IPV4, tlv(0x02, "in")), tlv(0x02, "out")));
        ProxyHeader header = LAYER.over(peer).attribute(ProxyHeader.class).orElseThrow();
        assertEquals(Optional.of("in"), header.authority());
        assertEquals("\u0002\0\u0003out", peer.rest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.example\0b.example", "\0", "a\0"})
    void aTextWithNulIsNoTextButKeepsItsBytes(String text) throws Exception {
        byte[] value = Headers.bytes(text);
        ProxyHeader header = tcp4(
                tlv(0x01, value), tlv(0x02, value), tlv(0x05, value), tlv(0x30, value), ssl(1, 0, tlv(0x22, value)));
        assertEquals(Optional.empty(), header.alpn());
        assertEquals(Optional.empty(), header.authority());
        assertEquals(Optional.empty(), header.netns());
        assertEquals(Optional.empty(), header.ssl().orElseThrow().commonName());
        assertArrayEquals(value, header.tlv(0x02).orElseThrow());
        assertArrayEquals(value, header.uniqueId().orElseThrow());
        assertArrayEquals(value, header.ssl().orElseThrow().tlv(0x22).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "61c3", "c080", "eda080", "f5808080"})
    void aTextThatIsNotUtf8IsNoTextButKeepsItsBytes(String digits) throws Exception {
        ProxyHeader header = tcp4(tlv(0x02, hex(digits)));
        assertEquals(Optional.empty(), header.authority());
        assertArrayEquals(hex(digits), header.tlv(0x02).orElseThrow());
    }

    @Test
    void authorityAndUniqueIdAreBounded() throws Exception {
        ProxyHeader longest = tcp4(tlv(0x02, "a".repeat(255)), tlv(0x05, new byte[128]));
        assertEquals(255, longest.authority().orElseThrow().length());
        assertEquals(128, longest.uniqueId().orElseThrow().length);
        assertEquals(Optional.of(""), tcp4(tlv(0x02)).authority());
        assertEquals(
                "TLV 0x02 of the PROXY header has 256 bytes; it must have from 0 to 255",
                refusedTcp4(tlv(0x02, "a".repeat(256))));
        assertEquals(
                "TLV 0x05 of the PROXY header has 129 bytes; it must have from 0 to 128",
                refusedTcp4(tlv(0x05, new byte[129])));
    }

    // CRC32C

    @Test
    void aHeaderWithItsChecksumIsAccepted() throws Exception {
        assertEquals(Transport.TCP4, read(checked(v2(PROXY, 0x11, IPV4))).transport());
        byte[] before = v2(PROXY, 0x11, IPV4, tlv(0x03, new byte[4]), tlv(0x02, "a"));
        ByteBuffer.wrap(before).putInt(16 + 12 + 3, Headers.castagnoli(before));
        assertEquals(Optional.of("a"), read(before).authority());
    }

    @Test
    void everyChangedBitOfAHeaderWithChecksumIsRefused() throws Exception {
        byte[] header = checked(v2(PROXY, 0x11, IPV4, tlv(0x02, "a.example")));
        // The bits before are checked by themselves, and those of types and lengths can hide the checksum.
        int addresses = 16;
        for (int bit = 8 * addresses; bit < 8 * (addresses + IPV4.length); bit++) {
            byte[] changed = header.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertTrue(refused(changed).startsWith("the PROXY header has CRC32C "), "bit " + bit);
        }
        byte[] wrong = header.clone();
        wrong[wrong.length - 1] ^= 1;
        assertTrue(refused(wrong).startsWith("the PROXY header has CRC32C "));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5})
    void aChecksumHasFourBytes(int length) {
        assertEquals(
                "TLV 0x03 of the PROXY header has " + length + " bytes; it must have 4",
                refusedTcp4(tlv(0x03, new byte[length])));
    }

    // TLS

    @Test
    void withoutTlsTheFieldIsPresentAndNothingIsVerified() throws Exception {
        ProxyHeader.Ssl ssl = tcp4(ssl(0, 0)).ssl().orElseThrow();
        assertFalse(ssl.isTls());
        assertFalse(ssl.hasCertificate());
        assertFalse(ssl.hasSessionCertificate());
        assertFalse(ssl.isVerified());
        assertEquals(Optional.empty(), ssl.version());
        assertEquals(Optional.empty(), ssl.cipher());
    }

    @ParameterizedTest
    @CsvSource({
        "0x01, 0, false",
        "0x01, 1, false",
        "0x03, 0, true",
        "0x05, 0, true",
        "0x07, 0, true",
        "0x03, 1, false",
        "0x07, 0x80000000, false",
        "0xf8, 0, false"
    })
    void aCertificateIsVerifiedOnlyIfThereIsOne(int client, String verify, boolean verified) throws Exception {
        int result = (int) (long) Long.decode(verify);
        assertEquals(verified, tcp4(ssl(client, result)).ssl().orElseThrow().isVerified());
    }

    @Test
    void aNestedTlvThatDoesNotEndWithinItsParentIsRefused() {
        assertEquals(
                "TLV 0x22 of the PROXY header declares 4 bytes; only 1 follow",
                refusedTcp4(ssl(1, 0, hex("220004 61")), tlv(0x02, "a.example")));
        assertEquals(
                "the PROXY header has 2 bytes after its last TLV; a TLV needs at least 3",
                refusedTcp4(ssl(1, 0, tlv(0x21, "TLSv1.3"), hex("2200")), tlv(0x02, "a.example")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4})
    void aTlsFieldHasAtLeastFiveBytes(int length) {
        assertEquals(
                "TLV 0x20 of the PROXY header has " + length + " bytes; it must have from 5 to 4096",
                refusedTcp4(tlv(0x20, new byte[length]), tlv(0x02, "a.example")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x21, 0x22, 0x23, 0x24, 0x25})
    void aRepeatedNestedTlvThatHasAMethodIsRefused(int type) {
        assertEquals(
                String.format("TLV 0x%02x of the PROXY header is present 2 times; it may be present once", type),
                refusedTcp4(ssl(1, 0, tlv(type, "a"), tlv(type, "a"))));
    }

    @Test
    void nestedAndOuterTypesAreSeparate() throws Exception {
        ProxyHeader header = tcp4(tlv(0x22, "outer"), ssl(1, 0, tlv(0x02, "nested"), tlv(0x04), tlv(0x22, "inner")));
        assertEquals(Optional.of("inner"), header.ssl().orElseThrow().commonName());
        assertEquals(Optional.empty(), header.authority());
        assertArrayEquals(Headers.bytes("outer"), header.tlv(0x22).orElseThrow());
    }
}
