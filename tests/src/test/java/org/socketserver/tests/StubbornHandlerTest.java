package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** The duration of a stop is bounded, whatever a handler does. */
@EachWay
class StubbornHandlerTest extends ServingTest {
    private final Gate goOn = gate();

    private Client ignoring(BaseServer<?> server) throws Exception {
        return atGate(client(server), "ignore", goOn);
    }

    @Test
    void inAWorkerItIsKilledAndReportedAsForced() throws Exception {
        assumeTrue(setup.isForking(), "a thread cannot be killed");
        BaseServer<?> server = started(ObedientHandler.class);
        Client client = ignoring(server);
        long began = System.nanoTime();
        ShutdownReport report = server.shutdown(Duration.ofMillis(10));
        assertTrue(millisSince(began) < 15_000, "expected the grace and a second: " + millisSince(began) + " ms");
        assertEquals(1, report.forced().size(), report.toString());
        assertTrue(report.running().isEmpty(), report.toString());
        LiveRequest forced = report.forced().get(0);
        assertEquals(client.address().toString(), forced.clientAddress().toString());
        assertSame(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
        assertEquals(0, server.stats().active());
        server.start();
        assertEquals("ON", client(server).ask("upper on"), "the pool has other workers");
    }

    @Test
    void onAThreadItIsReportedAsRunningWithClientAgeAndStack() throws Exception {
        assumeFalse(setup.isForking(), "a process can be killed");
        BaseServer<?> server = started(ObedientHandler.class);
        Client client = ignoring(server);
        long began = System.nanoTime();
        ShutdownReport report = server.shutdown(Duration.ofMillis(10));
        assertTrue(millisSince(began) < 15_000, "expected the grace and a second: " + millisSince(began) + " ms");
        assertEquals(1, report.running().size(), report.toString());
        assertTrue(report.forced().isEmpty());
        assertEquals(0, report.drained());
        assertFalse(report.isClean());
        LiveRequest running = report.running().get(0);
        assertEquals(client.address().toString(), running.clientAddress().toString());
        assertTrue(running.age().toMillis() >= 10, running.toString());
        assertTrue(
                running.stack().stream().anyMatch(frame -> frame.getMethodName().equals("ignoreInterrupts")),
                running.stack().toString());
        goOn.open();
        assertSame(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
        assertEquals(0, server.stats().active());
    }

    @Test
    void aSecondStopDoesNotWaitAgainForRequestsThatTheFirstAborted() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        ignoring(server);
        // An interrupted stop aborts at once.
        Thread.currentThread().interrupt();
        ShutdownReport report = server.shutdown(Duration.ZERO);
        assertEquals(1, (setup.isForking() ? report.forced() : report.running()).size(), report.toString());
        assertTrue(Thread.interrupted());
        await(inBackground(() -> server.close(Duration.ZERO)));
        goOn.open();
    }
}
