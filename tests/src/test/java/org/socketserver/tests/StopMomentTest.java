package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Request;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** A request completes and is in the report exactly once, in whichever step it is when a stop begins. */
@EachSetup
class StopMomentTest extends StopTest {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    /** Waits in the given step. */
    private final class Steps extends BaseRequestHandler<Request> {
        private final String moment;

        Steps(String moment) {
            this.moment = moment;
        }

        @Override
        protected void setup() throws Exception {
            at("setup");
        }

        @Override
        public void handle() throws Exception {
            at("handle");
            Handlers.ONE_LINE.handle(request());
        }

        @Override
        protected void finish() throws Exception {
            at("finish");
        }

        private void at(String step) throws Exception {
            if (step.equals(moment)) {
                inside.countDown();
                goOn.await();
            }
        }
    }

    /** Starts a server whose first request waits in the given step. */
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
        client.send("on");
        await(inside);
        return client;
    }

    private BaseServer<?> serverWith(String moment) {
        return server(() -> new Steps(moment), options());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"getRequest", "verifyRequest", "setup", "handle", "finish", "finishRequest", "closeRequest"})
    void theRequestIsServedAndReportedAsDrained(String moment) throws Exception {
        BaseServer<?> server = serverWith(moment);
        Client client = reach(moment, server);
        BlockingQueue<ShutdownReport> reports = stopping(server, LONG);
        goOn.countDown();
        assertEquals("got on", client.receive());
        ShutdownReport report = take(reports);
        assertTrue(report.isClean(), report.toString());
        // After closeRequest, the request had ended when the stop began.
        assertEquals(moment.equals("closeRequest") ? 0 : 1, report.drained());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
        assertEquals(1, events.started().size());
        assertEquals(1, events.stopped().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"getRequest", "verifyRequest", "setup", "handle", "finish", "finishRequest"})
    void withoutAGraceTheRequestIsInTheReportOnceAndEndsOnce(String moment) throws Exception {
        BaseServer<?> server = serverWith(moment);
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

    @ParameterizedTest
    @ValueSource(strings = {"setup", "handle", "finish"})
    void aHandlerCanStopItsServerInAnyStep(String moment) throws Exception {
        BaseServer<?> server = server(
                () -> new BaseRequestHandler<Request>() {
                    private void at(String step) {
                        if (step.equals(moment)) {
                            ((BaseServer<?>) server()).shutdown(LONG);
                        }
                    }

                    @Override
                    protected void setup() {
                        at("setup");
                    }

                    @Override
                    public void handle() throws Exception {
                        at("handle");
                        Handlers.ONE_LINE.handle(request());
                    }

                    @Override
                    protected void finish() {
                        at("finish");
                    }
                },
                options());
        server.start();
        assertEquals("got on", client(server).ask("on"));
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
        assertTrue(take(stop(server, LONG)).isClean());
    }
}
