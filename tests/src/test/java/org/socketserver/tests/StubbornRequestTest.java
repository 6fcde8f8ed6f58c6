package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Request;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;

/** A stop is bounded whatever a handler or hook does. */
@SomeSetups
class StubbornRequestTest extends ServingTest {
    private final CountDownLatch busy = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private void handleStubbornly(Request request) throws Exception {
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
    void aRequestThatIgnoresEverythingIsReportedAsRunning() throws Exception {
        BaseServer<?> server = started(this::handleStubbornly);
        client(server).send("stubborn");
        await(busy);
        ShutdownReport report = server.shutdown(Duration.ofMillis(10));
        assertEquals(1, report.running().size(), report.toString());
        assertTrue(report.forced().isEmpty());
        assertEquals(0, report.drained());
        assertFalse(report.isClean());
        goOn.countDown();
        assertSame(RequestOutcome.CUT, events.awaitEnds(1).get(0).outcome());
    }

    @Test
    void aSecondStopDoesNotWaitAgainBeforeItCutsWhatTheFirstHasCut() throws Exception {
        BaseServer<?> server = started(
                this::handleStubbornly,
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

    @Test
    void aHookThatHoldsTheLoopDelaysAStopByASecondAtMost() throws Exception {
        hooks.before("serviceActions", () -> {
            busy.countDown();
            goOn.await();
        });
        BaseServer<?> server = started(
                Handlers.UPPER, options().pollInterval(Duration.ofMillis(5)).build());
        await(busy);
        long began = System.nanoTime();
        assertTrue(server.shutdown(Duration.ofMillis(10)).isClean());
        assertTrue(millisSince(began) < 10_000, millisSince(began) + " ms");
        goOn.countDown();
    }
}
