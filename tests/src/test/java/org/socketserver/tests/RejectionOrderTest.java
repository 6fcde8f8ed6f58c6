package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/**
 * All limits hold together. A request is rejected for the first reason in the order of {@link Rejection}, and reported
 * once.
 */
@EachConcurrentWay
class RejectionOrderTest extends ServingTest {
    private final AtomicBoolean denied = new AtomicBoolean();
    private final AtomicBoolean verified = new AtomicBoolean(true);
    private final Gate goOn = gate();
    private Bounded bounded;

    @BeforeEach
    void prepare() {
        bounded = setup.concurrency().bounded(8);
        hooks.around("clientKey", (proceed, request) -> "everybody");
        hooks.around("verifyRequest", (proceed, request) -> verified.get());
    }

    private BaseServer<?> serving(Limits limits) throws Exception {
        return started(ObedientHandler.Once.class, options().limits(limits.deny(request -> denied.get())), bounded);
    }

    private void startRequest(BaseServer<?> server) throws Exception {
        waiting(server, goOn);
    }

    /**
     * Checks that the next request is rejected for the given reason.
     *
     * @param number how many requests have ended then
     */
    private void assertRejected(BaseServer<?> server, int number, Rejection why) throws Exception {
        long before = hooks.count("processRequest");
        provoke(server);
        List<RequestEnd> ends = events.awaitEnds(number);
        assertEquals(number, ends.size());
        assertSame(RequestOutcome.REJECTED, ends.get(number - 1).outcome());
        assertSame(why, ends.get(number - 1).rejection().orElseThrow());
        assertEquals("rejected: " + why, ends.get(number - 1).reason());
        assertEquals(before, hooks.count("processRequest"), "no handler is created");
    }

    @Test
    void rulesComeFirst() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).acceptRate(1, 1).whenFull(WhenFull.REJECT));
        bounded.bound(1);
        startRequest(server);
        verified.set(false);
        denied.set(true);
        assertRejected(server, 1, Rejection.DENIED);
        assertEquals(1, hooks.count("clientKey"));
        assertEquals(1, hooks.count("verifyRequest"));
    }

    @Test
    void thenTheRate() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).acceptRate(1, 1).whenFull(WhenFull.REJECT));
        bounded.bound(1);
        startRequest(server);
        verified.set(false);
        // If the machine stalls for a second, there is a token again. The first of these requests uses it.
        provoke(server);
        provoke(server);
        events.awaitEnds(2);
        assertEquals(0, server.stats().rejected(Rejection.PER_CLIENT));
        assertEquals(2, server.stats().rejected(Rejection.RATE) + server.stats().rejected(Rejection.FULL));
        assertEquals(1, hooks.count("processRequest"));
    }

    @Test
    void thenTheBoundOfTheMixIn() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).whenFull(WhenFull.REJECT));
        bounded.bound(1);
        startRequest(server);
        verified.set(false);
        assertRejected(server, 1, Rejection.FULL);
    }

    @Test
    void thenTheLimitPerClient() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).whenFull(WhenFull.REJECT));
        startRequest(server);
        verified.set(false);
        assertRejected(server, 1, Rejection.PER_CLIENT);
    }

    @Test
    void thenVerifyRequestWithoutAnAnswerOrASlot() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = serving(Limits.NONE.perClient(1).whenFull(WhenFull.answer("busy\n")));
        verified.set(false);
        for (int i = 1; i <= 5; i++) {
            assertRejected(server, i, Rejection.NOT_VERIFIED);
            assertEquals(0, events.awaitEnds(i).get(i - 1).bytesOut());
        }
        verified.set(true);
        startRequest(server);
        assertEquals(1, hooks.count("processRequest"));
    }

    @Test
    void allLimitsHoldTogetherAndEachRejectionIsReportedOnce() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server =
                serving(Limits.NONE.perClient(2).acceptRate(1_000_000, 1_000).whenFull(WhenFull.answer("busy\n")));
        bounded.bound(3);
        startRequest(server);
        startRequest(server);
        assertRejected(server, 1, Rejection.PER_CLIENT);
        hooks.around("clientKey", (proceed, request) -> "somebody else");
        startRequest(server);
        assertRejected(server, 2, Rejection.FULL);
        denied.set(true);
        assertRejected(server, 3, Rejection.DENIED);
        denied.set(false);
        goOn.open();
        events.awaitEnds(6);
        bounded.awaitActive(0);
        verified.set(false);
        assertRejected(server, 7, Rejection.NOT_VERIFIED);
        verified.set(true);
        waiting(server, gate());
        assertEquals(4, hooks.count("processRequest"));
        assertEquals(8, server.stats().accepted());
        assertEquals(4, server.stats().ended(RequestOutcome.REJECTED));
        assertEquals(events.started().subList(0, 7).size(), events.stopped().size());
    }
}
