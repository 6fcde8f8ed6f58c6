package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;

/** A stop while another one is under way: each keeps its own grace, the shorter one wins, and both tell the truth. */
@EachSetup
class TwoStopsTest extends StopTest {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private BaseServer<?> busyServer() throws Exception {
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            inside.countDown();
            goOn.await();
            Handlers.answer(request, "got " + line);
        });
        return server;
    }

    @Test
    void theShorterGraceCutsAndBothReportIt() throws Exception {
        BaseServer<?> server = busyServer();
        client(server).send("hang");
        await(inside);
        BlockingQueue<ShutdownReport> patient = stopping(server, LONG);
        ShutdownReport report = server.shutdown(Duration.ofMillis(20));
        assertEquals(1, report.forced().size(), report.toString());
        ShutdownReport other = take(patient);
        assertEquals(1, other.forced().size(), other.toString());
        assertEquals(report.forced().get(0).id(), other.forced().get(0).id());
        assertEquals(0, report.drained() + other.drained());
        assertSame(RequestOutcome.CUT, events.awaitEnds(1).get(0).outcome());
    }

    @Test
    void bothReportWhatEndedByItself() throws Exception {
        BaseServer<?> server = busyServer();
        Client client = client(server);
        client.send("work");
        await(inside);
        BlockingQueue<ShutdownReport> first = stopping(server, LONG);
        BlockingQueue<ShutdownReport> second = stop(server, LONG);
        // Whether the second has begun by now or not, its report is true.
        goOn.countDown();
        assertEquals("got work", client.receive());
        assertEquals(1, take(first).drained());
        assertTrue(take(second).isClean());
    }

    @Test
    void closeCutsWhatALongStopWaitsFor() throws Exception {
        BaseServer<?> server = busyServer();
        client(server).send("hang");
        await(inside);
        BlockingQueue<ShutdownReport> patient = stopping(server, LONG);
        server.close(Duration.ofMillis(20));
        assertSame(ServerState.CLOSED, server.state());
        assertEquals(1, take(patient).forced().size());
    }

    @Test
    void closeLetsWorkFinishWithinTheGraceItIsGiven() throws Exception {
        BaseServer<?> server = busyServer();
        Client client = client(server);
        client.send("work");
        await(inside);
        var closing = inBackground(() -> server.close(LONG));
        while (!server.isStopping()) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        await(closing);
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
