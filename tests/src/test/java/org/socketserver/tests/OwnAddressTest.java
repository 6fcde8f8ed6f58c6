package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.DatagramServer;

/** A packet from the server's own address, to which a reply would be the next such packet. */
@EachDatagramSetup
class OwnAddressTest extends ServingTest {
    @Test
    void aPacketFromTheServersOwnAddressIsDroppedAndCountedAndTheNextIsServed() throws Exception {
        BaseServer<?> server = started(Handlers.Echo.class);
        DatagramClient client = packets(server);
        for (int count = 1; count <= 3; count++) {
            ((DatagramServer) server).send(ByteBuffer.wrap(new byte[] {'x'}), server.address());
            assertEquals("from a client", client.ask("from a client"));
            assertEquals(count, server.stats().unanswerable());
            assertEquals(count, events.started().size());
        }
        assertEquals(List.of(), log.messages(Level.ALL));
    }
}
