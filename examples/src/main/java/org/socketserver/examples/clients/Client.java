package org.socketserver.examples.clients;

import java.io.Closeable;
import java.io.IOException;
import org.socketserver.examples.servers.Transport;

/** One end of a conversation with a server, over a plain socket. Used by one thread; any may close it. */
public interface Client extends Closeable {
    /**
     * Opens a socket to a server.
     *
     * @param transport which transport
     * @param address as the server writes it: {@code HOST:PORT}, a path, or {@code @name}
     * @return the client
     * @throws IOException if the server can't be reached
     * @throws IllegalArgumentException if the address is none
     */
    static Client connect(Transport transport, String address) throws IOException {
        return transport.isStream()
                ? StreamClient.connect(transport, address)
                : DatagramClient.connect(transport, address);
    }

    /**
     * Sends a line and waits for the line that answers it.
     *
     * @param line the line without its end
     * @return the answer without its end
     * @throws IOException if there is no answer
     */
    String ask(String line) throws IOException;
}
