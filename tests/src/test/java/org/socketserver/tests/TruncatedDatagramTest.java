package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.server.BaseServer;

/** A datagram that is dropped because it is too long is no request, but listener and counter report it. */
@EachDatagramWay
class TruncatedDatagramTest extends ServingTest {
    @Test
    void itIsReportedAndCounted() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class, options().maxDatagramSize(4));
        Client client = client(server);
        client.send("12345");
        assertEquals("got abc", client.ask("abc"));
        events.awaitEnds(1);
        assertEquals(List.of("4 dropped"), events.truncated());
        assertEquals(1, server.stats().truncated());
        assertEquals(1, server.stats().accepted());
    }
}
