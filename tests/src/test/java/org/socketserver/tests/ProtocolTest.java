package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.logging.Level;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.StreamRequestHandler;

/** Base class of tests with peers that break the protocol. Each loses only its own connection. */
abstract class ProtocolTest extends ServingTest {
    /** Starts a server with a new handler for each connection. */
    final BaseServer<?> serve(Class<? extends StreamRequestHandler> handler) throws IOException {
        return started(handler);
    }

    /**
     * Waits for the end of the first connection, and checks that it is reported as the peer's fault, without a warning,
     * and that the connection is closed.
     */
    final RequestEnd assertPeersFault(StreamClient client, Class<? extends ProtocolException> failure, String message)
            throws Exception {
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertThrown(failure, message, end.failure().orElseThrow());
        assertTrue(isGone(client));
        assertTrue(log.messages(Level.WARNING).isEmpty(), "a protocol error is not the server's error");
        return end;
    }

    /** Returns whether the connection is closed. If not all bytes were read, it may be reset. */
    private static boolean isGone(StreamClient client) {
        try {
            return client.isAtEnd();
        } catch (IOException reset) {
            return true;
        }
    }
}
