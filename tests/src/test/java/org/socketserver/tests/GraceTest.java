package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** {@code shutdown(grace)}: busy requests may finish, late ones are aborted, and the report counts each. */
@EachWay
class GraceTest extends ServingTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Gate goOn = gate();

    private BaseServer<?> busyServer() throws Exception {
        return started(ObedientHandler.class);
    }

    @Test
    void aBusyRequestFinishesWithinTheGraceAndIsDrained() throws Exception {
        BaseServer<?> server = busyServer();
        Client client = waiting(server, goOn);
        BlockingQueue<ShutdownReport> reports = box();
        FutureTask<Void> stopping = inBackground(() -> reports.add(server.shutdown(LONG)));
        while (!server.isStopping()) {
            Thread.sleep(1);
        }
        goOn.open();
        await(stopping);
        ShutdownReport report = take(reports);
        assertEquals("went on", client.receive());
        assertTrue(report.isClean(), report.toString());
        assertEquals(1, report.drained());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }

    @Test
    void aLateRequestIsForcedAndTheReportHasClientAgeAndStack() throws Exception {
        BaseServer<?> server = busyServer();
        Client client = waiting(server, goOn);
        // A worker reports its progress only a few times a second.
        while (setup.isForking() && server.stuckRequests(Duration.ZERO).isEmpty()) {
            Thread.sleep(5);
        }
        ShutdownReport report = server.shutdown(Duration.ofMillis(20));
        assertEquals(0, report.drained());
        assertTrue(report.running().isEmpty(), report.toString());
        assertEquals(1, report.forced().size());
        LiveRequest forced = report.forced().get(0);
        assertEquals(1, forced.id());
        assertEquals(client.address().toString(), forced.clientAddress().toString());
        assertTrue(forced.age().compareTo(Duration.ofMillis(20)) >= 0, forced.toString());
        assertRunsThere(server, forced.thread());
        assertTrue(
                forced.stack().stream().anyMatch(frame -> frame.getClassName().equals(Gate.class.getName())),
                forced.stack().toString());
        assertSame(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
        assertTrue(hooks.failures.isEmpty(), "an abort is no error");
        assertTrue(server.liveRequests().isEmpty());
    }

    @Test
    void aGraceOfZeroAbortsAtOnce() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class, options().grace(LONG));
        waiting(server, goOn);
        long began = System.nanoTime();
        assertEquals(1, server.shutdown(Duration.ZERO).forced().size());
        assertTrue(millisSince(began) < 5_000, millisSince(began) + " ms");
    }

    @Test
    void aRequestFetchedAsTheStopBeginsIsInTheReportEvenWithAGraceOfZero() throws Exception {
        CountDownLatch fetched = new CountDownLatch(1);
        CountDownLatch stopAsked = new CountDownLatch(1);
        hooks.around("getRequest", (proceed, request) -> {
            Object next = proceed.call();
            if (next != null) {
                fetched.countDown();
                await(stopAsked);
            }
            return next;
        });
        BaseServer<?> server = busyServer();
        client(server).send("wait " + goOn);
        await(fetched);
        FutureTask<Void> letGo = inBackground(() -> {
            while (!server.isStopping()) {
                Thread.sleep(1);
            }
            // By now the stop has taken its snapshot of the requests, or is about to.
            Thread.sleep(50);
            stopAsked.countDown();
        });
        ShutdownReport report = server.shutdown(Duration.ZERO);
        await(letGo);
        assertEquals(1, report.forced().size(), report.toString());
        assertSame(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
    }

    @Test
    void anInterruptOfTheCallerEndsTheGrace() throws Exception {
        BaseServer<?> server = busyServer();
        waiting(server, goOn);
        Thread.currentThread().interrupt();
        long began = System.nanoTime();
        ShutdownReport report = server.shutdown(LONG);
        assertTrue(Thread.interrupted(), "the interrupt is kept");
        assertTrue(millisSince(began) < 10_000, millisSince(began) + " ms");
        assertEquals(1, report.forced().size());
    }

    @Test
    void aNegativeGraceIsRefusedAndNothingStops() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        var refused = assertThrows(IllegalArgumentException.class, () -> server.shutdown(Duration.ofMillis(-1)));
        assertEquals("grace is -1 ms; it must be 0 ms or more", refused.getMessage());
        assertEquals("ON", client(server).ask("on"));
    }
}
