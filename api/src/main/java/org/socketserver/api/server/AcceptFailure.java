package org.socketserver.api.server;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Locale;
import org.socketserver.api.DisconnectedException;

/**
 * The cause of a failure to accept or receive, which decides what the accept loop does.
 *
 * <p>The JDK reports the cause only as the text of {@code strerror(3)}.
 */
enum AcceptFailure {
    /**
     * One connection, whose peer is gone; the loop continues at once. These are the errors that accept(2) says to treat
     * like EAGAIN, except EOPNOTSUPP, which may be permanent.
     */
    CONNECTION,
    /** The process or the system has no file descriptor left. The loop retries with back-off. */
    DESCRIPTORS,
    /** The process or the system lacks memory, or the cause is unknown. The loop retries with back-off. */
    RESOURCES,
    /** The listening socket. The loop ends. */
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
        // EMFILE; the text of ENFILE also has "in system".
        if (words.contains("too many open files")) {
            return DESCRIPTORS;
        }
        return OF_THE_LISTENER.stream().anyMatch(words::contains) ? LISTENER : RESOURCES;
    }
}
