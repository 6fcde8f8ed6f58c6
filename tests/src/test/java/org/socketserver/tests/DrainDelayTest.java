package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** {@code drainDelay}: for a time, a stop only accepts nothing more and leaves the requests in flight alone. */
@EachWay
class DrainDelayTest extends StopTest {
    private static final ServerOptions LONG_DELAY = options().drainDelay(LONG);

    private final Gate goOn = gate();

    private BaseServer<?> busyServer(ServerOptions options) throws Exception {
        return started(ObedientHandler.Once.class, options);
    }

    @Test
    void duringTheDelayAHandlerSeesTheStopAndCanAnswer() throws Exception {
        BaseServer<?> server = busyServer(LONG_DELAY);
        Client client = client(server);
        client.send("before " + goOn + ";stopping");
        goOn.awaitWaiting(1);
        BlockingQueue<ShutdownReport> reports = stopping(server, Duration.ZERO);
        goOn.open();
        assertEquals("goodbye", client.receive());
        ShutdownReport report = take(reports);
        assertTrue(report.isClean(), "the delay ends as soon as there are no live requests: " + report);
        assertEquals(1, report.drained());
    }

    @Test
    void duringTheDelayNothingIsAcceptedAndTheNextRunServesWaitingClients() throws Exception {
        BaseServer<?> server = busyServer(LONG_DELAY);
        waiting(server, goOn);
        BlockingQueue<ShutdownReport> reports = stopping(server, Duration.ZERO);
        Client second = client(server);
        second.send("upper second");
        goOn.open();
        take(reports);
        assertEquals(1, server.stats().accepted());
        server.start();
        assertEquals("SECOND", second.receive());
    }

    @Test
    void withoutLiveRequestsThereIsNoDelay() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, LONG_DELAY);
        assertEquals(0, all(take(stop(server, LONG))));
    }

    @Test
    void theGraceBeginsAfterTheDelay() throws Exception {
        BaseServer<?> server = busyServer(options().drainDelay(Duration.ofMillis(120)));
        waiting(server, goOn);
        long began = System.nanoTime();
        ShutdownReport report = server.shutdown(Duration.ofMillis(80));
        assertNotBefore(200, began);
        assertEquals(1, report.forced().size());
        assertSame(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
    }
}
