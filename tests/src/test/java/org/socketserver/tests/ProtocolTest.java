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

/** A test of what becomes of peers that break the protocol: each loses its own connection, and nobody else's. */
abstract class ProtocolTest extends ServingTest {
    /** Serves with a new handler for each connection. */
    final BaseServer<?> serve(Class<? extends StreamRequestHandler> handler) throws IOException {
        return started(handler);
    }

    /** Waits for the end of the first connection: the peer's fault, said in one quiet line, and the connection is gone. */
    final RequestEnd assertTheirFault(StreamClient client, Class<? extends ProtocolException> failure, String message)
            throws Exception {
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertThrown(failure, message, end.failure().orElseThrow());
        assertTrue(isGone(client));
        assertTrue(log.messages(Level.WARNING).isEmpty(), "it is no error of the server");
        return end;
    }

    /** True when nothing comes any more; a peer whose bytes were not all read may be told by a reset. */
    private static boolean isGone(StreamClient client) {
        try {
            return client.isAtEnd();
        } catch (IOException reset) {
            return true;
        }
    }
}
