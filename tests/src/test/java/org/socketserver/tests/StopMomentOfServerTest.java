package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/**
 * A request completes and is in the report exactly once, in whichever server hook it is when a stop begins.
 * {@link StopMomentTest} includes the handler's steps.
 */
@EachWay
class StopMomentOfServerTest extends StopTest {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @BeforeEach
    void onlyWithoutHandshake() {
        assumeFalse(setup.transport().isTls(), "a request arrives only after the handshake");
    }

    private Client reach(String moment, BaseServer<?> server) throws Exception {
        hooks.around(moment, (proceed, request) -> {
            Object result = proceed.call();
            if (!moment.equals("getRequest") || result != null) {
                inside.countDown();
                goOn.await();
            }
            return result;
        });
        server.start();
        Client client = client(server);
        client.send("upper on");
        await(inside);
        return client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"getRequest", "verifyRequest", "processRequest", "finishRequest", "closeRequest"})
    void theRequestIsServedAndReportedOnce(String moment) throws Exception {
        BaseServer<?> server = server(ObedientHandler.Once.class);
        Client client = reach(moment, server);
        BlockingQueue<ShutdownReport> reports = stopping(server, LONG);
        goOn.countDown();
        assertEquals("ON", client.receive());
        ShutdownReport report = take(reports);
        assertTrue(report.isClean(), report.toString());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
        assertEquals(1, events.started().size());
        assertEquals(1, events.stopped().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"getRequest", "verifyRequest", "finishRequest"})
    void withoutAGraceTheRequestIsInTheReportOnceAndEndsOnce(String moment) throws Exception {
        BaseServer<?> server = server(ObedientHandler.Once.class);
        reach(moment, server);
        BlockingQueue<ShutdownReport> reports = stopping(server, Duration.ZERO);
        if (moment.equals("getRequest")) {
            // Nothing interrupts a hook of the accept loop.
            goOn.countDown();
        }
        ShutdownReport report = take(reports);
        goOn.countDown();
        assertEquals(1, all(report), report.toString());
        events.awaitEnds(1);
        assertTrue(server.awaitIdle(LONG));
        assertEquals(1, events.started().size());
        assertEquals(1, events.stopped().size());
        assertEquals(0, server.stats().active());
    }
}
