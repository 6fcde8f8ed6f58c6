package org.socketserver.tests;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients of the threads of a test that closes a server while they connect.
 *
 * <p>Whoever connects over TCP in the moment in which the listening socket is closed may be left without an end: Linux tells it
 * that it is connected, and nothing more. No server can tell such a peer, as it never had the connection; so the test ends it.
 */
final class PassingClients implements Closeable {
    private final Set<Client> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** What a thread does with its client. */
    interface Talk {
        void with(Client client) throws Exception;
    }

    /** Talks, and closes the client. */
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

    /** Closes all of them, also those that come later. */
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
