package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** The duration of a stop is bounded, whatever a hook does. {@link StubbornHandlerTest} covers handlers. */
@SomeSetups
class StubbornRequestTest extends ServingTest {
    private final CountDownLatch busy = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Test
    void aRequestAbortedInVerifyRequestCountsAsAbortedAndNotAsRejectd() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> {
            busy.countDown();
            goOn.await();
            return false;
        });
        BaseServer<?> server = started(Handlers.UPPER);
        provoke(server);
        await(busy);
        ShutdownReport report = server.shutdown(Duration.ofMillis(10));
        assertEquals(1, report.running().size(), report.toString());
        goOn.countDown();
        assertEquals("aborted", events.awaitEnds(1).get(0).reason());
        assertEquals(0, server.stats().rejected(Rejection.NOT_VERIFIED));
        assertEquals(1, server.stats().ended(RequestOutcome.ABORTED));
    }

    @Test
    void aHookThatBlocksTheLoopDelaysAStopByASecondAtMost() throws Exception {
        hooks.before("serviceActions", () -> {
            busy.countDown();
            goOn.await();
        });
        BaseServer<?> server = started(Handlers.UPPER, options().pollInterval(Duration.ofMillis(5)));
        await(busy);
        long began = System.nanoTime();
        assertTrue(server.shutdown(Duration.ofMillis(10)).isClean());
        assertTrue(millisSince(began) < 10_000, millisSince(began) + " ms");
        goOn.countDown();
    }
}
