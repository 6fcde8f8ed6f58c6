package org.socketserver.api;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Writes addresses the way people type them: {@code 127.0.0.1:80}, {@code [::1]:80}, a path, {@code @name}. */
public final class AddressText {
    private AddressText() {}

    /**
     * Writes one address, without any name look-up.
     *
     * @param address any socket address
     * @return {@code HOST:PORT} with IPv6 hosts in brackets; for other kinds what the address itself says
     */
    public static String of(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return address.toString();
        }
        if (inet.isUnresolved()) {
            return inet.getHostString() + ":" + inet.getPort();
        }
        String host = inet.getAddress().getHostAddress();
        return (inet.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
}
