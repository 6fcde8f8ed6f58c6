package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;

/** A stop is bounded whatever a handler does. */
@EachSetup
class StubbornHandlerTest extends ServingTest {
    private final CountDownLatch busy = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private void ignoreInterrupts(Request request) throws Exception {
        Handlers.line(request);
        busy.countDown();
        boolean done = false;
        while (!done) {
            try {
                goOn.await();
                done = true;
            } catch (InterruptedException ignored) {
                // That is what this handler does.
            }
        }
    }

    @Test
    void oneThatIgnoresInterruptsIsReportedAsRunningWithPeerAgeAndPlace() throws Exception {
        BaseServer<?> server = started(this::ignoreInterrupts);
        Client client = client(server);
        client.send("stubborn");
        await(busy);
        long began = System.nanoTime();
        ShutdownReport report = server.shutdown(Duration.ofMillis(10));
        assertTrue(millisSince(began) < 15_000, "the grace and a second, not " + millisSince(began) + " ms");
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
        goOn.countDown();
        assertSame(RequestOutcome.CUT, events.awaitEnds(1).get(0).outcome());
        assertEquals(0, server.stats().active());
    }

    @Test
    void aSecondStopDoesNotRepeatTheDelayForOneThatTheFirstHasCut() throws Exception {
        BaseServer<?> server = started(
                this::ignoreInterrupts,
                options().drainDelay(Duration.ofHours(1)).build());
        client(server).send("stubborn");
        await(busy);
        // An interrupted stop cuts at once.
        Thread.currentThread().interrupt();
        assertEquals(1, server.shutdown(Duration.ZERO).running().size());
        assertTrue(Thread.interrupted());
        await(inBackground(() -> server.close(Duration.ZERO)));
        goOn.countDown();
    }
}
