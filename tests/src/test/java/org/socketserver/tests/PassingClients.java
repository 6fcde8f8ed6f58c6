package org.socketserver.tests;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients of a test that closes a server while they connect.
 *
 * <p>A client that connects over TCP at the moment the listening socket is closed may never see an end of input: Linux
 * reports it as connected, but the server never had the connection. So the test closes such clients.
 */
final class PassingClients implements Closeable {
    private final Set<Client> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** What a client does. */
    interface Talk {
        void with(Client client) throws Exception;
    }

    /** Runs the given talk and closes the client. */
    void talk(Client client, Talk talk) throws Exception {
        open.add(client);
        try (client) {
            if (!closed) {
                talk.with(client);
            }
        } finally {
            open.remove(client);
        }
    }

    /** Closes all clients, including those that are added later. */
    @Override
    public void close() throws IOException {
        closed = true;
        IOException failure = null;
        for (Client client : open) {
            try {
                client.close();
            } catch (IOException one) {
                failure = one;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
