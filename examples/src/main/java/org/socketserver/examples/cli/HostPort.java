package org.socketserver.examples.cli;

import java.net.InetSocketAddress;

/** Reads addresses of the Internet as people type them: {@code 127.0.0.1:80}, {@code [::1]:80}, {@code *:80}. */
public final class HostPort {
    private HostPort() {}

    /**
     * Reads one address; looks a host name up.
     *
     * @param text {@code HOST:PORT}, an IPv6 host in brackets, no host or {@code *} for all addresses of the machine
     * @return the address, resolved
     * @throws IllegalArgumentException if it is none; the message says why in one line
     */
    public static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || text.endsWith("]") || text.endsWith(":")) {
            throw new IllegalArgumentException("the address " + text + " has no port; write HOST:PORT");
        }
        String host = text.substring(0, colon);
        int port = port(text.substring(colon + 1));
        if (host.isEmpty() || host.equals("*")) {
            return new InetSocketAddress(port);
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.contains(":") && !bracketed) {
            throw new IllegalArgumentException("the address " + text + " is ambiguous; write [IPV6]:PORT");
        }
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("the host " + host + " is unknown");
        }
        return address;
    }

    private static int port(String digits) {
        int port = digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : -1;
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("the port '" + digits + "' is not a number from 0 to 65535");
        }
        return port;
    }
}
