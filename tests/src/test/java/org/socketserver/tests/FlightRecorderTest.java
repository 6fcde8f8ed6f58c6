package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.server.BaseServer;

/** Each Flight Recorder event has the values that the listener, the log or the caller receives. */
@EachWay
class FlightRecorderTest extends ServingTest {
    private final Recorder recorder = closeLater(Recorder.begin());

    private RecordedEvent only(String name, BaseServer<?> server) throws IOException {
        List<RecordedEvent> events = recorder.events("org.socketserver." + name);
        assertEquals(1, events.size(), events.toString());
        assertEquals(server.name(), events.get(0).getString("server"));
        return events.get(0);
    }

    @Test
    void aRequestEventHasClientDurationOutcomeAndBytes() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class);
        Client client = client(server);
        client.ask("12345");
        RequestEnd end = events.awaitEnds(1).get(0);
        RecordedEvent event = only("Request", server);
        assertEquals(1, event.getLong("number"));
        assertEquals(
                client.address().toString().replaceFirst("^/", ""),
                event.getString("client").replaceFirst("^/", ""));
        assertEquals("done", event.getString("outcome"));
        assertEquals("done", event.getString("reason"));
        assertEquals(6, event.getLong("bytesIn"));
        assertEquals(10, event.getLong("bytesOut"));
        assertTrue(event.getDuration().compareTo(Duration.ZERO) > 0, event.toString());
        // Both are measured one after the other.
        assertTrue(event.getDuration().minus(end.duration()).abs().compareTo(Duration.ofSeconds(5)) < 0);
    }

    @Test
    void anAcceptFailureEventHasMessageAndPause() throws Exception {
        String message = "Cannot allocate memory";
        hooks.around("getRequest", (proceed, request) -> {
            hooks.restore("getRequest");
            throw new IOException(message);
        });
        BaseServer<?> server = started(Handlers.OneLine.class);
        client(server).ask("through");
        events.awaitEnds(1);
        RecordedEvent event = only("AcceptFailure", server);
        assertEquals(message, event.getString("message"));
        assertEquals(Duration.ofMillis(10), event.getDuration("pause"));
    }
}
