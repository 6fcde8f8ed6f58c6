package org.socketserver.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Version 2: 16 bytes, addresses, and TLVs, section 2.2. */
final class BinaryHeader {
    static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};

    static final int START_LENGTH = 16;

    /**
     * How many bytes may follow the start. The format has room for 65,535, but a header is to fit into a packet, and a
     * client's certificate needs 1 to 3 KB. nginx has the same bound for the whole header.
     */
    static final int MAX_LENGTH = 4_096;

    /** HAProxy's bound: a host name has at most 255 bytes. */
    private static final int MAX_AUTHORITY = 255;

    private static final int MAX_UNIQUE_ID = 128;

    /** The flags and the result of the verification. */
    private static final int SSL_START = 1 + Integer.BYTES;

    private BinaryHeader() {}

    /** Returns how many bytes follow the first 16. */
    static int declaredLength(byte[] start) throws ProtocolException {
        int version = start[12] >> 4 & 0xf;
        if (version != 2) {
            throw invalid("has version " + version + "; it must be 2");
        }
        int length = Short.toUnsignedInt(ByteBuffer.wrap(start).getShort(14));
        if (length > MAX_LENGTH) {
            throw invalid("declares " + length + " bytes after its first 16; at most " + MAX_LENGTH + " are allowed");
        }
        return length;
    }

    static ProxyHeader parse(byte[] bytes) throws ProtocolException {
        if (bytes.length < START_LENGTH || bytes.length != START_LENGTH + declaredLength(bytes)) {
            throw invalid("has " + bytes.length + " bytes, which is not the length that it declares");
        }
        int command = bytes[12] & 0xf;
        if (command > 1) {
            throw invalid("has command " + command + "; it must be 0 (LOCAL) or 1 (PROXY)");
        }
        if (command == 0) {
            // Section 2.2: the receiver must discard the rest, including the family.
            return new ProxyHeader(
                    bytes, ProxyHeader.Command.LOCAL, ProxyHeader.Transport.UNKNOWN, null, null, Tlvs.NONE, null);
        }
        ProxyHeader.Transport transport = transport(bytes[13]);
        if (transport == ProxyHeader.Transport.UNKNOWN) {
            // It is not known how long the addresses are, so it is not known where the TLVs begin.
            return new ProxyHeader(bytes, ProxyHeader.Command.PROXY, transport, null, null, Tlvs.NONE, null);
        }
        int beforeTlvs = START_LENGTH + transport.lengthOfAddresses();
        if (bytes.length < beforeTlvs) {
            throw invalid("declares " + (bytes.length - START_LENGTH) + " bytes after its first 16; the addresses of "
                    + transport + " need " + transport.lengthOfAddresses());
        }
        Tlvs tlvs = Tlvs.parse(bytes, beforeTlvs, bytes.length);
        requireValid(bytes, tlvs);
        return new ProxyHeader(
                bytes,
                ProxyHeader.Command.PROXY,
                transport,
                address(bytes, transport, 0),
                address(bytes, transport, 1),
                tlvs,
                ssl(bytes, tlvs));
    }

    private static ProxyHeader.Transport transport(byte familyAndProtocol) throws ProtocolException {
        int family = familyAndProtocol >> 4 & 0xf;
        int protocol = familyAndProtocol & 0xf;
        if (family > 3) {
            throw invalid("has address family " + family + "; it must be from 0 to 3");
        }
        if (protocol > 2) {
            throw invalid("has transport protocol " + protocol + "; it must be from 0 to 2");
        }
        if (family == 0 || protocol == 0) {
            return ProxyHeader.Transport.UNKNOWN;
        }
        // In the order of the constants.
        return ProxyHeader.Transport.values()[2 * family + protocol - 2];
    }

    /** Returns the source (0) or the destination (1); null if the transport has no IP addresses. */
    private static @Nullable InetSocketAddress address(byte[] bytes, ProxyHeader.Transport transport, int index) {
        int length = transport.lengthOfIp();
        if (length == 0) {
            return null;
        }
        int from = START_LENGTH + index * length;
        int port = ByteBuffer.wrap(bytes).getShort(START_LENGTH + 2 * length + index * Short.BYTES);
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + length)), port & 0xffff);
        } catch (UnknownHostException impossible) {
            // Only for another number of bytes than 4 or 16.
            throw new AssertionError(impossible);
        }
    }

    private static void requireValid(byte[] bytes, Tlvs tlvs) throws ProtocolException {
        for (int type : new int[] {
            ProxyHeader.ALPN,
            ProxyHeader.AUTHORITY,
            ProxyHeader.CRC32C,
            ProxyHeader.UNIQUE_ID,
            ProxyHeader.SSL,
            ProxyHeader.NETNS
        }) {
            tlvs.requireOnce(type);
        }
        tlvs.requireLength(ProxyHeader.AUTHORITY, 0, MAX_AUTHORITY);
        tlvs.requireLength(ProxyHeader.UNIQUE_ID, 0, MAX_UNIQUE_ID);
        tlvs.requireLength(ProxyHeader.CRC32C, Integer.BYTES, Integer.BYTES);
        int checksum = tlvs.indexOf(ProxyHeader.CRC32C);
        if (checksum >= 0) {
            requireChecksum(bytes, checksum);
        }
    }

    /** Section 2.2.3: the checksum is computed with zeros in its place. */
    private static void requireChecksum(byte[] bytes, int index) throws ProtocolException {
        CRC32C computed = new CRC32C();
        computed.update(bytes, 0, index);
        computed.update(new byte[Integer.BYTES]);
        computed.update(bytes, index + Integer.BYTES, bytes.length - index - Integer.BYTES);
        int received = ByteBuffer.wrap(bytes).getInt(index);
        if (received != (int) computed.getValue()) {
            throw invalid("has CRC32C " + Integer.toHexString(received) + "; its bytes have "
                    + Long.toHexString(computed.getValue()));
        }
    }

    private static ProxyHeader.@Nullable Ssl ssl(byte[] bytes, Tlvs tlvs) throws ProtocolException {
        int from = tlvs.indexOf(ProxyHeader.SSL);
        if (from < 0) {
            return null;
        }
        int length = tlvs.requireLength(ProxyHeader.SSL, SSL_START, MAX_LENGTH);
        Tlvs nested = Tlvs.parse(bytes, from + SSL_START, from + length);
        for (int type = ProxyHeader.Ssl.VERSION; type <= ProxyHeader.Ssl.KEY_ALGORITHM; type++) {
            nested.requireOnce(type);
        }
        return new ProxyHeader.Ssl(bytes[from], ByteBuffer.wrap(bytes).getInt(from + 1), nested);
    }

    private static ProtocolException invalid(String why) {
        return new ProtocolException("the PROXY header " + why);
    }
}
