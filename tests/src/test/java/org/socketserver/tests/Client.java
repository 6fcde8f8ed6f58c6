package org.socketserver.tests;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A line-based client of a stream or datagram server. */
interface Client extends Closeable {
    /** Sends one line, as one packet to a datagram server. */
    void send(String line) throws IOException;

    /** Returns the next line without its LF, or null at the end of input or if no packet arrives in time. */
    @Nullable
    String receive() throws IOException;

    /** Returns the address that the server sees. */
    SocketAddress address() throws IOException;

    default @Nullable String ask(String line) throws IOException {
        send(line);
        return receive();
    }
}
