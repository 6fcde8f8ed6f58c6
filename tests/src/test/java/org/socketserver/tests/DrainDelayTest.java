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
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ShutdownReport;

/** {@code drainDelay}: a stop accepts nothing more, and leaves those alone who are there, for a time. */
@EachSetup
class DrainDelayTest extends StopTest {
    private static final ServerOptions LONG_DELAY = options().drainDelay(LONG).build();

    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private BaseServer<?> busyServer(ServerOptions options) throws Exception {
        BaseServer<?> server = started(
                request -> {
                    String line = Handlers.line(request);
                    inside.countDown();
                    goOn.await();
                    Handlers.answer(request, line + (request.server().isStopping() ? " goodbye" : ""));
                },
                options);
        return server;
    }

    @Test
    void aHandlerSeesTheStopDuringItAndCanSayGoodbye() throws Exception {
        BaseServer<?> server = busyServer(LONG_DELAY);
        Client client = client(server);
        client.send("hello");
        await(inside);
        BlockingQueue<ShutdownReport> reports = stopping(server, Duration.ZERO);
        goOn.countDown();
        assertEquals("hello goodbye", client.receive());
        ShutdownReport report = take(reports);
        assertTrue(report.isClean(), "it is over as soon as nothing is live: " + report);
        assertEquals(1, report.drained());
    }

    @Test
    void nothingIsAcceptedDuringItAndWhoeverWaitsIsServedByTheNextRun() throws Exception {
        BaseServer<?> server = busyServer(LONG_DELAY);
        client(server).send("first");
        await(inside);
        BlockingQueue<ShutdownReport> reports = stopping(server, Duration.ZERO);
        Client second = client(server);
        second.send("second");
        goOn.countDown();
        take(reports);
        assertEquals(1, server.stats().accepted());
        server.start();
        assertEquals("second", second.receive());
    }

    @Test
    void withoutLiveRequestsThereIsNone() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER, LONG_DELAY);
        assertEquals(0, all(take(stop(server, LONG))));
    }

    @Test
    void theGraceBeginsAfterIt() throws Exception {
        BaseServer<?> server =
                busyServer(options().drainDelay(Duration.ofMillis(120)).build());
        client(server).send("hang");
        await(inside);
        long began = System.nanoTime();
        ShutdownReport report = server.shutdown(Duration.ofMillis(80));
        assertNotBefore(200, began);
        assertEquals(1, report.forced().size());
        assertSame(RequestOutcome.CUT, events.awaitEnds(1).get(0).outcome());
    }
}
