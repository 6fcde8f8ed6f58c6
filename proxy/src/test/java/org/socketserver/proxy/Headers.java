package org.socketserver.proxy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds headers byte by byte, without the code under test. */
final class Headers {
    static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    static final int PROXY = 0x21;
    static final int LOCAL = 0x20;

    /** 198.51.100.7:56324 to 203.0.113.9:8443. */
    static final byte[] IPV4 = hex("c6336407 cb007109 dc04 20fb");

    /** [2001:db8::7]:56324 to [2001:db8::9]:8443. */
    static final byte[] IPV6 = hex("20010db8000000000000000000000007 20010db8000000000000000000000009 dc04 20fb");

    private Headers() {}

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] v1(String afterProxy) {
        return bytes("PROXY " + afterProxy + "\r\n");
    }

    static byte[] v2(int versionAndCommand, int familyAndProtocol, byte[]... parts) {
        byte[] payload = join(parts);
        byte[] start = {
            (byte) versionAndCommand, (byte) familyAndProtocol, (byte) (payload.length >> 8), (byte) payload.length
        };
        return join(hex(SIGNATURE), start, payload);
    }

    static byte[] tlv(int type, byte[]... parts) {
        byte[] value = join(parts);
        return join(new byte[] {(byte) type, (byte) (value.length >> 8), (byte) value.length}, value);
    }

    static byte[] tlv(int type, String text) {
        return tlv(type, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] unix(String source, String destination) {
        return join(
                Arrays.copyOf(source.getBytes(StandardCharsets.UTF_8), 108),
                Arrays.copyOf(destination.getBytes(StandardCharsets.UTF_8), 108));
    }

    static byte[] ssl(int client, int verify, byte[]... nested) {
        return tlv(
                0x20,
                new byte[] {(byte) client},
                ByteBuffer.allocate(4).putInt(verify).array(),
                join(nested));
    }

    /** Adds a CRC32C as the last TLV. */
    static byte[] checked(byte[] header) {
        byte[] longer = join(header, tlv(0x03, new byte[4]));
        ByteBuffer all = ByteBuffer.wrap(longer);
        all.putShort(14, (short) (longer.length - 16));
        all.putInt(longer.length - 4, castagnoli(longer));
        return longer;
    }

    /** RFC 3720, section 12.1, bit by bit. */
    static int castagnoli(byte[] bytes) {
        int remainder = -1;
        for (byte next : bytes) {
            remainder ^= next & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                remainder = (remainder & 1) == 0 ? remainder >>> 1 : remainder >>> 1 ^ 0x82f6_3b78;
            }
        }
        return ~remainder;
    }

    /** Returns valid headers of every form, by name. */
    static Map<String, byte[]> valid() {
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("v1 TCP4", v1("TCP4 198.51.100.7 203.0.113.9 56324 8443"));
        all.put("v1 TCP4 shortest", v1("TCP4 0.0.0.0 0.0.0.0 0 0"));
        all.put("v1 TCP4 longest", v1("TCP4 255.255.255.255 255.255.255.255 65535 65535"));
        all.put("v1 TCP6", v1("TCP6 2001:db8::7 2001:DB8:0:0:0:0:0:9 56324 8443"));
        all.put("v1 TCP6 shortest", v1("TCP6 :: :: 0 0"));
        String longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        all.put("v1 TCP6 longest", v1("TCP6 " + longest + " " + longest + " 65535 65535"));
        all.put("v1 TCP6 mapped", v1("TCP6 ::ffff:198.51.100.7 ::ffff:cb00:7109 56324 8443"));
        all.put("v1 TCP6 with an IPv4 address", v1("TCP6 2001:db8::7 203.0.113.9 56324 8443"));
        all.put("v1 UNKNOWN", v1("UNKNOWN"));
        all.put("v1 UNKNOWN longest", v1("UNKNOWN " + longest + " " + longest + " 65535 65535"));
        all.put("v1 UNKNOWN and anything", v1("UNKNOWN \0\r \u00ff PROXY \r"));
        all.put("v2 LOCAL", v2(LOCAL, 0));
        all.put("v2 LOCAL with addresses", v2(LOCAL, 0x11, IPV4));
        all.put("v2 LOCAL with anything", v2(LOCAL, 0xff, hex("0102030405")));
        all.put("v2 UNSPEC", v2(PROXY, 0));
        all.put("v2 UNSPEC with anything", v2(PROXY, 0, hex("ffffff")));
        all.put("v2 IPv4 without protocol", v2(PROXY, 0x10, IPV4));
        all.put("v2 protocol without family", v2(PROXY, 0x01));
        all.put("v2 TCP4", v2(PROXY, 0x11, IPV4));
        all.put("v2 UDP4", v2(PROXY, 0x12, IPV4));
        all.put("v2 TCP6", v2(PROXY, 0x21, IPV6));
        all.put("v2 UDP6", v2(PROXY, 0x22, IPV6));
        all.put("v2 Unix stream", v2(PROXY, 0x31, unix("", "/run/haproxy.sock")));
        all.put("v2 Unix datagram", v2(PROXY, 0x32, unix("\0abstract", "/run/haproxy.sock"), tlv(0x30, "blue")));
        all.put("v2 empty TLV", v2(PROXY, 0x11, IPV4, tlv(0x02)));
        all.put("v2 all TLVs", allTlvs());
        all.put("v2 longest", v2(PROXY, 0x11, IPV4, tlv(0xe0, new byte[4_096 - 12 - 3])));
        return all;
    }

    static byte[] allTlvs() {
        return checked(v2(
                PROXY,
                0x21,
                IPV6,
                tlv(0x01, "h2"),
                tlv(0x02, "shout.example"),
                tlv(0x04, new byte[5]),
                tlv(0x05, hex("00ff80")),
                ssl(
                        0x07,
                        0,
                        tlv(0x21, "TLSv1.3"),
                        tlv(0x22, "J\u00f6rg"),
                        tlv(0x23, "TLS_AES_256_GCM_SHA384"),
                        tlv(0x24, "RSA-SHA256"),
                        tlv(0x25, "RSA2048"),
                        tlv(0x28, hex("3082"))),
                tlv(0x30, "blue"),
                tlv(0xea, hex("01 76706365")),
                tlv(0xea, "again"),
                tlv(0x04)));
    }
}
