package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** Every request has exactly one start and one stop, with outcome, bytes and duration, however it ends. */
@EachWay
class ListenerTest extends ServingTest {
    private RequestEnd onlyEnd() throws Exception {
        List<RequestEnd> ends = events.awaitEnds(1);
        assertEquals(1, ends.size());
        assertEquals(1, events.started().size());
        assertEquals(events.started(), events.stopped());
        return ends.get(0);
    }

    @Test
    void aServedRequestReportsItsBytesAndDuration() throws Exception {
        BaseServer<?> server = started(ObedientHandler.Once.class);
        Client client = client(server);
        client.ask("upper 12345;sleep 20");
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.DONE, end.outcome());
        assertEquals("upper 12345;sleep 20\n".length(), end.bytesIn());
        assertEquals(6, end.bytesOut());
        assertTrue(end.duration().compareTo(Duration.ofMillis(20)) >= 0, end.toString());
        assertTrue(end.failure().isEmpty());
    }

    @Test
    void aRejectedRequestStopsOnce() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> false);
        BaseServer<?> server = started(Handlers.OneLine.class);
        provoke(server);
        assertSame(RequestOutcome.REJECTED, onlyEnd().outcome());
        server.close();
        onlyEnd();
    }

    @Test
    void aFailedRequestStopsOnce() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        client(server).send("throw on purpose");
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertThrown(IllegalStateException.class, "on purpose", end.failure().orElseThrow());
        server.close();
        onlyEnd();
    }

    @Test
    void aRequestThatCouldNotBeProcessedStopsOnce() throws Exception {
        hooks.before("processRequest", () -> {
            throw new IllegalStateException("no thread");
        });
        BaseServer<?> server = started(Handlers.OneLine.class);
        provoke(server);
        assertSame(RequestOutcome.FAILED, onlyEnd().outcome());
        server.close();
        onlyEnd();
    }

    @Test
    void anAbortedRequestStopsOnce() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        waiting(server, gate());
        server.shutdown(Duration.ZERO);
        assertSame(RequestOutcome.ABORTED, onlyEnd().outcome());
        assertTrue(hooks.failures.isEmpty(), "an abort is no error of the handler");
    }

    @Test
    void theStopIsReportedBeforeAShutdownReturns() throws Exception {
        BaseServer<?> server = started(ObedientHandler.Once.class);
        Gate goOn = gate();
        waiting(server, goOn);
        goOn.open();
        server.shutdown(Duration.ofSeconds(10));
        assertEquals(1, events.stopped().size());
    }
}
