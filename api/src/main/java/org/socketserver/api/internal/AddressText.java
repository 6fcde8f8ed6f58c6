package org.socketserver.api.internal;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Converts addresses to text: {@code 127.0.0.1:80}, {@code [::1]:80}, a path, {@code @name}. Parses Internet addresses.
 */
public final class AddressText {
    /** Loaded when the first IPv6 address is converted to text. */
    private static final class Zeros {
        /** Two or more groups of zeros. */
        static final Pattern GROUPS = Pattern.compile("(?<![0-9a-f])0(:0)+(?![0-9a-f])");
    }

    /** Loaded when the first address is parsed. */
    private static final class Hosts {
        /** Not only digits: that would be an IPv4 address, or an invalid one. */
        static final Pattern NAME = Pattern.compile("(?![0-9.]+$)[\\p{L}\\p{N}._-]+");

        private static final String NUMBER = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

        static final Pattern IPV4 = Pattern.compile(String.join("\\.", NUMBER, NUMBER, NUMBER, NUMBER));
        /** At most eight colons, because a pattern with an unbounded group needs stack for each repetition. */
        static final Pattern IPV6 =
                Pattern.compile("(?=[^:]*:)([0-9a-fA-F]{0,4}:){0,8}([0-9a-fA-F]{0,4}|" + IPV4 + ")");
    }

    private AddressText() {}

    /**
     * Parses an Internet address such as {@code 127.0.0.1:80}, {@code [::1]:80}, {@code localhost:80} or {@code *:80}.
     * Does no I/O.
     *
     * @param address {@code HOST:PORT}; the host is an IPv4 address, an IPv6 address in brackets, a name, or {@code *}
     *     (or nothing) for all addresses of this host
     * @return the address; unresolved if the host is a name or an IPv6 address with a zone
     * @throws IllegalArgumentException if the text is not an address; the message quotes it and says why
     */
    public static InetSocketAddress parse(String address) {
        Objects.requireNonNull(address, "address");
        int colon = address.lastIndexOf(':');
        String digits = address.substring(colon + 1);
        if (colon < 0 || !digits.matches("[0-9]+")) {
            throw invalid(address, "has no port number; write HOST:PORT with a port from 0 to 65535");
        }
        if (digits.length() > 5 || Integer.parseInt(digits) > 65_535) {
            throw invalid(address, "has port " + digits + "; it must be from 0 to 65535");
        }
        int port = Integer.parseInt(digits);
        String host = address.substring(0, colon);
        if (host.isEmpty() || host.equals("*")) {
            return new InetSocketAddress(port);
        }
        if (Hosts.NAME.matcher(host).matches()) {
            return InetSocketAddress.createUnresolved(host, port);
        }
        boolean ipv6 = host.startsWith("[") && host.endsWith("]") && !host.endsWith("%]");
        int zone = host.indexOf('%');
        String ip = ipv6 ? host.substring(1, zone < 0 ? host.length() - 1 : zone) : host;
        InetAddress literal = ofLiteral(ip)
                .filter(found -> ip.contains(":") == ipv6)
                .orElseThrow(() -> invalid(
                        address,
                        "has no valid host; write a name, 127.0.0.1, [::1], or * for all addresses of this host"));
        // A zone may be the name of a network interface, which is looked up later, like the name of a host.
        return zone < 0 ? new InetSocketAddress(literal, port) : InetSocketAddress.createUnresolved(host, port);
    }

    /**
     * Parses an Internet address that follows a scheme and a colon, such as {@code //127.0.0.1:80}. The percent sign of
     * a zone may be written as {@code %25} (RFC 6874).
     *
     * @param scheme the scheme, for messages
     * @param place two slashes and the address, as for {@link #parse}
     * @return the address; unresolved if the host is a name or an IPv6 address with a zone
     * @throws IllegalArgumentException if the text is not an address; the message quotes it and says why
     */
    public static InetSocketAddress parsePlace(String scheme, String place) {
        if (!place.startsWith("//") || place.indexOf('/', 2) >= 0) {
            throw invalid(scheme + ':' + place, "has another form than " + scheme + "://HOST:PORT");
        }
        return parse(place.substring(2).replace("%25", "%"));
    }

    /**
     * Parses an IP address, without any name lookup. Only unambiguous forms are accepted; others mean different
     * addresses to different programs (RFC 6943, section 3.1.1).
     *
     * @param text four numbers, or IPv6 without a zone
     * @return the address; empty if the text is not an IP address
     */
    public static Optional<InetAddress> ofLiteral(String text) {
        if (!Hosts.IPV4.matcher(text).matches() && !Hosts.IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException noAddress) {
            return Optional.empty();
        }
    }

    private static IllegalArgumentException invalid(String address, String why) {
        return new IllegalArgumentException("the address " + PlainText.of(address) + " " + why);
    }

    /**
     * Returns an address as text, without any name lookup.
     *
     * @param address any socket address
     * @return {@code HOST:PORT} with IPv6 hosts in brackets; for other addresses their {@code toString()} with control
     *     characters escaped, because a client can choose the name of its socket
     */
    public static String of(SocketAddress address) {
        return address instanceof InetSocketAddress
                ? append(new StringBuilder(32), address).toString()
                : PlainText.of(address.toString());
    }

    /**
     * Appends an address to a string builder. Called for each request, so it creates no other strings.
     *
     * @param text the string builder
     * @param address the address
     * @return the string builder
     */
    public static StringBuilder append(StringBuilder text, SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return text.append(PlainText.of(address.toString()));
        }
        if (inet.isUnresolved()) {
            text.append(PlainText.of(inet.getHostString()));
        } else if (inet.getAddress() instanceof Inet6Address address6) {
            text.append('[').append(shortened(address6.getHostAddress())).append(']');
        } else {
            byte[] groups = inet.getAddress().getAddress();
            for (int group = 0; group < groups.length; group++) {
                text.append(group == 0 ? "" : ".").append(groups[group] & 0xff);
            }
        }
        return text.append(':').append(inet.getPort());
    }

    /** Replaces the longest run of zero groups by {@code ::} (RFC 5952). The JDK writes all eight groups. */
    private static String shortened(String host) {
        int scope = host.indexOf('%');
        String groups = scope < 0 ? host : host.substring(0, scope);
        int begin = 0;
        int end = 0;
        Matcher zeros = Zeros.GROUPS.matcher(groups);
        while (zeros.find()) {
            if (zeros.end() - zeros.start() > end - begin) {
                begin = zeros.start();
                end = zeros.end();
            }
        }
        if (end == 0) {
            return host;
        }
        String before = groups.substring(0, begin);
        String after = groups.substring(end);
        return before.replaceAll(":$", "") + "::" + after.replaceAll("^:", "") + host.substring(groups.length());
    }
}
