package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.socketserver.api.server.BaseServer;

/**
 * A datagram that is dropped because it is too long is no request, but listener, counter and Flight Recorder report it.
 */
@EachDatagramWay
class TruncatedDatagramTest extends ServingTest {
    @Test
    void itIsReportedCountedAndRecorded() throws Exception {
        try (Recorder recorder = Recorder.begin()) {
            BaseServer<?> server = started(Handlers.OneLine.class, options().maxDatagramSize(4));
            Client client = client(server);
            client.send("12345");
            assertEquals("got abc", client.ask("abc"));
            events.awaitEnds(1);
            assertEquals(List.of("4 dropped"), events.truncated());
            assertEquals(1, server.stats().truncated());
            assertEquals(1, server.stats().accepted());
            List<RecordedEvent> recorded = recorder.events("org.socketserver.DatagramTruncated");
            assertEquals(1, recorded.size());
            RecordedEvent event = recorded.get(0);
            assertEquals(server.name(), event.getString("server"));
            assertEquals(4, event.getLong("limit"));
            assertFalse(event.getBoolean("delivered"));
            assertFalse(event.getString("client").isEmpty());
        }
    }
}
