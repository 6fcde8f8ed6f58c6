package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** Each Flight Recorder event has the values that the listener, the log or the caller receives. */
@EachWay
class FlightRecorderTest extends ServingTest {
    private final Recorder recorder = closeLater(Recorder.begin());
    private final Gate goOn = gate();

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
        // Unique in each test: Java 17 records null for a long text that an earlier recording had.
        String message = "Cannot allocate memory for " + setup;
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

    @Test
    void aStuckRequestEventHasClientAgeThreadAndStack() throws Exception {
        BaseServer<?> server =
                server(ObedientHandler.class, options().stuckAfter(Duration.ofMillis(setup.isForking() ? 2_000 : 50)));
        CountDownLatch reported = new CountDownLatch(1);
        server.listener(new RequestListener() {
            @Override
            public void requestStuck(LiveRequest request) {
                reported.countDown();
            }
        });
        server.start();
        waiting(server, goOn);
        await(reported);
        goOn.open();
        RecordedEvent event = only("StuckRequest", server);
        assertEquals(1, event.getLong("number"));
        assertFalse(event.getString("client").isEmpty());
        assertTrue(event.getDuration("age").toMillis() >= 50, event.toString());
        assertRunsThere(server, event.getString("handlerThread"));
        assertTrue(event.getString("stack").contains(Gate.class.getName()), event.toString());
    }

    @Test
    void aShutdownEventHasTheCountsOfTheReport() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        waiting(server, goOn);
        ShutdownReport report = server.shutdown(Duration.ofMillis(20));
        assertEquals(1, report.forced().size());
        RecordedEvent event = only("Shutdown", server);
        assertEquals(
                Map.of("drained", 0, "forced", 1, "running", 0),
                Map.of(
                        "drained",
                        event.getInt("drained"),
                        "forced",
                        event.getInt("forced"),
                        "running",
                        event.getInt("running")));
        assertTrue(event.getDuration().toMillis() >= 20, event.toString());
    }
}
