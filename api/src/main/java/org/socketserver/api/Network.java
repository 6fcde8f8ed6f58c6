package org.socketserver.api;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;
import org.socketserver.api.internal.AddressText;

/**
 * All IP addresses that begin with the same bits: a prefix of IPv4 (RFC 4632) or of IPv6 (RFC 4291, section 2.3).
 *
 * <pre>{@code
 * PeerRule office = Network.parse("192.0.2.0/24");
 * }</pre>
 *
 * <p><b>IPv4 and IPv6.</b> An IPv4 network contains only IPv4 addresses, an IPv6 network only IPv6 addresses: {@code
 * ::/0} contains no IPv4 address. An IPv4-mapped address such as {@code ::ffff:10.0.0.1} is treated as the IPv4 address
 * everywhere, including in networks: {@code ::ffff:10.0.0.0/104} is {@code 10.0.0.0/8}.
 *
 * <p>The zone of an address ({@code fe80::1%eth0}) is ignored. A client without an IP address, such as one on a Unix
 * socket, is in no network.
 *
 * <p>Immutable. Two networks are equal if they contain the same addresses.
 */
public final class Network implements PeerRule {
    private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

    /** The IPv6 prefix of IPv4-mapped addresses: {@code ::ffff:0:0/96}, RFC 4291, section 2.5.5.2. */
    private static final long MAPPED = 0xffff_0000_0000L;

    private static final int MAPPED_PREFIX = 96;

    /** The first address and its mask in two times 64 bits. IPv4 is mapped, so that one comparison works for both. */
    private final long high;

    private final long low;
    private final long highMask;
    private final long lowMask;
    private final boolean ipv4;

    private Network(long high, long low, int prefix) {
        highMask = mask(prefix);
        lowMask = mask(prefix - 64);
        this.high = high & highMask;
        this.low = low & lowMask;
        ipv4 = prefix >= MAPPED_PREFIX && isMapped(high, low);
    }

    /**
     * Parses a network such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}. A single address is a network too.
     *
     * <p>Host names are rejected, not looked up. IPv4 is four decimal numbers without leading zeros; IPv6 has no zone.
     *
     * @param text an address, or an address and the length of the prefix in bits, 0 to 32 for IPv4 and 0 to 128 for
     *     IPv6
     * @return the network
     * @throws IllegalArgumentException if the text is not a network, has bits after its prefix, or begins with an
     *     IPv4-mapped address and is wider than IPv4
     */
    public static Network parse(String text) {
        Objects.requireNonNull(text, "text");
        int slash = text.indexOf('/');
        byte[] address = address(text, slash < 0 ? text : text.substring(0, slash));
        int most = address.length * 8;
        int prefix = 128 - most + (slash < 0 ? most : prefix(text, text.substring(slash + 1), most));
        long high = high(address);
        long low = low(address);
        if (prefix < MAPPED_PREFIX && isMapped(high, low)) {
            throw new IllegalArgumentException(
                    "the network " + text + " is wider than IPv4; write 0.0.0.0/0 for all IPv4 addresses");
        }
        Network network = new Network(high, low, prefix);
        if (network.high != high || network.low != low) {
            throw new IllegalArgumentException("the network " + text + " has bits beyond its prefix; write " + network);
        }
        return network;
    }

    /** Returns the 4 or 16 bytes of an address; 16 for an IPv4-mapped address. */
    private static byte[] address(String text, String literal) {
        byte[] bytes = AddressText.ofLiteral(literal)
                .orElseThrow(() -> new IllegalArgumentException("the network " + text
                        + " does not begin with an IP address; write four numbers from 0 to 255 without leading zeros,"
                        + " or IPv6 without a zone"))
                .getAddress();
        return bytes.length == 4 && literal.contains(":") ? mapped(bytes) : bytes;
    }

    private static byte[] mapped(byte[] ipv4) {
        return ByteBuffer.allocate(16).putLong(0).putInt(0xffff).put(ipv4).array();
    }

    private static int prefix(String text, String number, int most) {
        if (!PREFIX.matcher(number).matches() || Integer.parseInt(number) > most) {
            throw new IllegalArgumentException("the prefix of the network " + text + " is " + number
                    + "; it must be from 0 to " + most + " bits, without leading zeros");
        }
        return Integer.parseInt(number);
    }

    /**
     * Returns the IPv6 network of the given prefix length that contains the address; for IPv4, including mapped
     * addresses, the address alone.
     *
     * @param address any address
     * @param ipv6Prefix the prefix length for IPv6, from 0 to 128 bits
     * @return the network
     */
    public static Network around(InetAddress address, int ipv6Prefix) {
        byte[] bytes = Objects.requireNonNull(address, "address").getAddress();
        long high = high(bytes);
        long low = low(bytes);
        return new Network(high, low, isMapped(high, low) ? 128 : ipv6Prefix);
    }

    /**
     * Returns whether an address is in this network.
     *
     * @param address any address
     * @return true if the address begins with the prefix of this network
     */
    public boolean contains(InetAddress address) {
        Objects.requireNonNull(address, "address");
        byte[] bytes = address.getAddress();
        long otherHigh = high(bytes);
        long otherLow = low(bytes);
        return ((otherHigh ^ high) & highMask) == 0
                && ((otherLow ^ low) & lowMask) == 0
                && isMapped(otherHigh, otherLow) == ipv4;
    }

    /**
     * Returns whether the peer of a request is in this network.
     *
     * @param request any request
     * @return true if the peer has an IP address, and it is in this network
     */
    @Override
    public boolean matches(Request request) {
        return request.clientAddress() instanceof InetSocketAddress peer
                && !peer.isUnresolved()
                && contains(peer.getAddress());
    }

    private static long high(byte[] address) {
        return address.length == 4 ? 0 : bits(address, 0, 8);
    }

    private static long low(byte[] address) {
        return address.length == 4 ? MAPPED | bits(address, 0, 4) : bits(address, 8, 16);
    }

    private static long bits(byte[] address, int from, int to) {
        long bits = 0;
        for (int i = from; i < to; i++) {
            bits = bits << 8 | address[i] & 0xff;
        }
        return bits;
    }

    private static long mask(int bits) {
        // A shift by 64 would shift by nothing.
        return bits <= 0 ? 0 : -1L << Math.max(0, 64 - bits);
    }

    private static boolean isMapped(long high, long low) {
        return high == 0 && (low & -1L << 32) == MAPPED;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network that
                && high == that.high
                && low == that.low
                && highMask == that.highMask
                && lowMask == that.lowMask;
    }

    @Override
    public int hashCode() {
        return Objects.hash(high, low, highMask, lowMask);
    }

    /** Returns the first address in the form of RFC 5952 and the length of the prefix: {@code 2001:db8::/32}. */
    @Override
    public String toString() {
        byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        int prefix = Long.bitCount(highMask) + Long.bitCount(lowMask);
        return ipv4
                ? text(Arrays.copyOfRange(bytes, 12, 16)) + "/" + (prefix - MAPPED_PREFIX)
                : text(bytes) + "/" + prefix;
    }

    private static String text(byte[] address) {
        try {
            String host = AddressText.of(new InetSocketAddress(InetAddress.getByAddress(address), 0));
            return host.substring(0, host.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
        } catch (UnknownHostException impossible) {
            throw new AssertionError("an address of " + address.length + " bytes", impossible);
        }
    }
}
