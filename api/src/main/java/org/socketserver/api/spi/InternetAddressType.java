package org.socketserver.api.spi;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Encodes Internet addresses: an IPv4 or IPv6 address with its port and scope number, or the name and port of an
 * unresolved address.
 *
 * <p>Found by {@link java.util.ServiceLoader}. IPv4: {@code 4}, port, address, 7 bytes. IPv6: {@code 6}, port, address,
 * scope (0 for none), 23 bytes. An IPv4-mapped address stays an IPv6 address. Unresolved: {@code 0}, port, name in
 * UTF-8.
 */
public final class InternetAddressType implements PortableType<InetSocketAddress> {
    private static final byte UNRESOLVED = 0;
    private static final byte IPV4 = 4;
    private static final byte IPV6 = 6;
    private static final int BEFORE_ADDRESS = Byte.BYTES + Short.BYTES;
    private static final int IPV4_LENGTH = BEFORE_ADDRESS + 4;
    private static final int IPV6_LENGTH = BEFORE_ADDRESS + 16 + Integer.BYTES;

    /** For {@link java.util.ServiceLoader}. */
    public InternetAddressType() {}

    @Override
    public Class<InetSocketAddress> type() {
        return InetSocketAddress.class;
    }

    @Override
    public String name() {
        return "inet";
    }

    /**
     * Writes an address.
     *
     * @param value an address
     * @return 7 bytes for IPv4, 23 for IPv6, or 3 and the bytes of the name
     */
    @Override
    public byte[] encode(InetSocketAddress value) {
        InetAddress host = value.getAddress();
        if (host == null) {
            byte[] name = value.getHostString().getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(BEFORE_ADDRESS + name.length)
                    .put(UNRESOLVED)
                    .putShort((short) value.getPort())
                    .put(name)
                    .array();
        }
        ByteBuffer bytes = ByteBuffer.allocate(host instanceof Inet4Address ? IPV4_LENGTH : IPV6_LENGTH)
                .put(host instanceof Inet4Address ? IPV4 : IPV6)
                .putShort((short) value.getPort())
                .put(host.getAddress());
        if (host instanceof Inet6Address scoped) {
            bytes.putInt(Math.max(0, scoped.getScopeId()));
        }
        return bytes.array();
    }

    @Override
    public InetSocketAddress decode(byte[] bytes) throws ProtocolException {
        if (bytes.length == 0) {
            throw new ProtocolException(
                    "an internet address has 0 bytes; it must have " + IPV4_LENGTH + " or " + IPV6_LENGTH);
        }
        int length = switch (bytes[0]) {
            case UNRESOLVED -> Math.max(BEFORE_ADDRESS, bytes.length);
            case IPV4 -> IPV4_LENGTH;
            case IPV6 -> IPV6_LENGTH;
            default ->
                throw new ProtocolException(
                        "the family of an internet address is " + bytes[0] + "; it must be 0, 4 or 6");
        };
        if (bytes.length != length) {
            throw new ProtocolException("an internet address of family " + bytes[0] + " has " + bytes.length
                    + " bytes; it must have " + length);
        }
        int port = Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort(Byte.BYTES));
        if (bytes[0] == UNRESOLVED) {
            String name = new String(bytes, BEFORE_ADDRESS, length - BEFORE_ADDRESS, StandardCharsets.UTF_8);
            return InetSocketAddress.createUnresolved(name, port);
        }
        try {
            return new InetSocketAddress(length == IPV4_LENGTH ? ipv4(bytes) : ipv6(bytes), port);
        } catch (UnknownHostException impossible) {
            // Only for another number of bytes than 4 or 16.
            throw new AssertionError(impossible);
        }
    }

    private static InetAddress ipv4(byte[] bytes) throws UnknownHostException {
        return InetAddress.getByAddress(Arrays.copyOfRange(bytes, BEFORE_ADDRESS, IPV4_LENGTH));
    }

    private static InetAddress ipv6(byte[] bytes) throws ProtocolException, UnknownHostException {
        int scope = ByteBuffer.wrap(bytes).getInt(IPV6_LENGTH - Integer.BYTES);
        if (scope < 0) {
            throw new ProtocolException("the scope of an IPv6 address is " + scope + "; it must be 0 or more");
        }
        byte[] address = Arrays.copyOfRange(bytes, BEFORE_ADDRESS, BEFORE_ADDRESS + 16);
        // For the JDK, 0 is a scope too, and is shown; -1 means none.
        return Inet6Address.getByAddress(null, address, scope == 0 ? -1 : scope);
    }
}
