package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** A stop during another stop: each keeps its own grace period, the shorter one wins, and both reports are accurate. */
@EachWay
class TwoStopsTest extends StopTest {
    private final Gate goOn = gate();

    private BaseServer<?> busyServer() throws Exception {
        return started(ObedientHandler.Once.class);
    }

    @Test
    void theShorterGraceAbortsAndBothReportIt() throws Exception {
        BaseServer<?> server = busyServer();
        waiting(server, goOn);
        BlockingQueue<ShutdownReport> patient = stopping(server, LONG);
        ShutdownReport report = server.shutdown(Duration.ofMillis(20));
        assertEquals(1, report.forced().size(), report.toString());
        ShutdownReport other = take(patient);
        assertEquals(1, other.forced().size(), other.toString());
        assertEquals(report.forced().get(0).id(), other.forced().get(0).id());
        assertEquals(0, report.drained() + other.drained());
        assertSame(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
    }

    @Test
    void bothReportRequestsThatEndByThemselves() throws Exception {
        BaseServer<?> server = busyServer();
        Client client = waiting(server, goOn);
        BlockingQueue<ShutdownReport> first = stopping(server, LONG);
        BlockingQueue<ShutdownReport> second = stop(server, LONG);
        // Whether the second has begun or not, its report is accurate.
        goOn.open();
        assertEquals("went on", client.receive());
        assertEquals(1, take(first).drained());
        assertTrue(take(second).isClean());
    }

    @Test
    void closeAbortsRequestsThatALongStopWaitsFor() throws Exception {
        BaseServer<?> server = busyServer();
        waiting(server, goOn);
        BlockingQueue<ShutdownReport> patient = stopping(server, LONG);
        server.close(Duration.ofMillis(20));
        assertSame(ServerState.CLOSED, server.state());
        assertEquals(1, take(patient).forced().size());
    }

    @Test
    void closeLetsRequestsFinishWithinItsGrace() throws Exception {
        BaseServer<?> server = busyServer();
        waiting(server, goOn);
        var closing = inBackground(() -> server.close(LONG));
        while (!server.isStopping()) {
            Thread.sleep(1);
        }
        goOn.open();
        await(closing);
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
