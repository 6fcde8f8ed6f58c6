package org.socketserver.api.server;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Locale;
import org.socketserver.api.DisconnectedException;

/**
 * What a failure of accepting or receiving is about, and so what the accept loop does.
 *
 * <p>The JDK tells the cause only in words, which are those of {@code strerror(3)}.
 */
enum AcceptFailure {
    /**
     * One peer: it has gone already; the next may be well. The errors that accept(2) says to treat like EAGAIN, except
     * EOPNOTSUPP, which may also stay for ever.
     */
    CONNECTION,
    /** The process or the system has no descriptor left: passes, so wait and try again. */
    DESCRIPTORS,
    /** Memory of the process or the system: passes as well. Unknown failures too. */
    RESOURCES,
    /** The socket that listens: nothing will come from it any more. */
    LISTENER;

    private static final List<String> OF_ONE_PEER = List.of(
            "connection abort", // ECONNABORTED
            "connection reset", // ECONNRESET
            "connection refused", // ECONNREFUSED: an earlier reply was refused; reported by the next receive
            "protocol error", // EPROTO
            "port unreachable",
            "protocol not available", // ENOPROTOOPT
            "network is down", // ENETDOWN
            "network is unreachable", // ENETUNREACH
            "no route to host", // EHOSTUNREACH
            "host is down", // EHOSTDOWN
            "machine is not on the network"); // ENONET

    private static final List<String> OF_THE_LISTENER = List.of(
            "bad file descriptor", // EBADF
            "invalid argument", // EINVAL: the socket does not listen
            "socket operation on non-socket"); // ENOTSOCK

    static AcceptFailure of(IOException failure) {
        if (failure instanceof DisconnectedException) {
            return CONNECTION;
        }
        if (failure instanceof ClosedChannelException) {
            return LISTENER;
        }
        String words = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        if (OF_ONE_PEER.stream().anyMatch(words::contains)) {
            return CONNECTION;
        }
        // EMFILE; ENFILE says "in system" besides.
        if (words.contains("too many open files")) {
            return DESCRIPTORS;
        }
        return OF_THE_LISTENER.stream().anyMatch(words::contains) ? LISTENER : RESOURCES;
    }
}
