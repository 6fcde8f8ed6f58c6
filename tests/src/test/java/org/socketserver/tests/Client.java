package org.socketserver.tests;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A peer of a server, of either kind, that speaks in lines. */
interface Client extends Closeable {
    /** Sends one line, in a packet of its own where there are packets. */
    void send(String line) throws IOException;

    /** The next line without its LF; null at the end of input, or when no packet came in time. */
    @Nullable
    String receive() throws IOException;

    /** The address that the server sees. */
    SocketAddress address() throws IOException;

    default @Nullable String ask(String line) throws IOException {
        send(line);
        return receive();
    }
}
