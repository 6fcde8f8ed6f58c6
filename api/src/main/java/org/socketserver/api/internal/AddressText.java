package org.socketserver.api.internal;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes addresses the way people type them: {@code 127.0.0.1:80}, {@code [::1]:80}, a path, {@code @name}. */
public final class AddressText {
    /** Made when the first IPv6 address is written. */
    private static final class Zeros {
        /** Two or more groups of zero. */
        static final Pattern GROUPS = Pattern.compile("(?<![0-9a-f])0(:0)+(?![0-9a-f])");
    }

    private AddressText() {}

    /**
     * Writes one address, without any name look-up.
     *
     * @param address any socket address
     * @return {@code HOST:PORT} with IPv6 hosts in brackets; for other kinds what the address itself says, with control
     *     characters escaped: a client can choose the name of its socket
     */
    public static String of(SocketAddress address) {
        return address instanceof InetSocketAddress
                ? append(new StringBuilder(32), address).toString()
                : PlainText.of(address.toString());
    }

    /**
     * Appends one address to a text. Called for each request, so it creates no strings of its own.
     *
     * @param text the text
     * @param address the address
     * @return the text
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

    /** Writes {@code ::} for the longest run of zero groups, as RFC 5952 says; the JDK writes all eight. */
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
