package org.socketserver.api.server;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.internal.AddressText;

/**
 * Decides whether a reply failed because of its address, which the client chose, or because of this side.
 *
 * <p>The JDK gives many causes only in words, which are those of {@code strerror(3)}.
 */
final class ReplyFailure {
    private static final List<String> OF_THE_ADDRESS = List.of(
            "can't send to port 0", // the JDK's own words
            "invalid argument", // EINVAL: port 0, or an address that is not reachable from the bound one
            "network is unreachable", // ENETUNREACH
            "network is down", // ENETDOWN
            "host is down", // EHOSTDOWN
            "no such device", // ENODEV: the interface of a scoped address has gone
            "operation not permitted", // EPERM: refused by a packet filter
            "requested address"); // EADDRNOTAVAIL; macOS says that for port 0

    private ReplyFailure() {}

    /** Returns a {@link DisconnectedException} if the address is to blame, otherwise the failure itself. */
    static IOException of(Exception failure, SocketAddress target) {
        if (failure instanceof IOException other && !isOfTheAddress(other)) {
            return other;
        }
        String reason = failure.getMessage() == null ? "the address is unresolved" : failure.getMessage();
        return new DisconnectedException(AddressText.of(target) + " can't be reached: " + reason, failure);
    }

    private static boolean isOfTheAddress(IOException failure) {
        if (failure instanceof BindException // EACCES: a broadcast address
                || failure instanceof NoRouteToHostException // EHOSTUNREACH
                || failure instanceof ConnectException // ECONNREFUSED
                || failure instanceof PortUnreachableException) {
            return true;
        }
        String words = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return OF_THE_ADDRESS.stream().anyMatch(words::contains);
    }
}
