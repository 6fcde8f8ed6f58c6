package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Refusal;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/** All limits hold together; a request is refused for the first reason in the order of {@link Refusal}, and told once. */
@EachConcurrentWay
class RefusalOrderTest extends ServingTest {
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

    private void enters(BaseServer<?> server) throws Exception {
        waiting(server, goOn);
    }

    /** The next request is refused for that reason; its end is the given one, and the first that any request has. */
    private void isRefused(BaseServer<?> server, int number, Refusal why) throws Exception {
        long before = hooks.count("processRequest");
        provoke(server);
        List<RequestEnd> ends = events.awaitEnds(number);
        assertEquals(number, ends.size());
        assertSame(RequestOutcome.REFUSED, ends.get(number - 1).outcome());
        assertSame(why, ends.get(number - 1).refusal().orElseThrow());
        assertEquals("refused: " + why, ends.get(number - 1).reason());
        assertEquals(before, hooks.count("processRequest"), "no handler is made");
    }

    @Test
    void oneThatIsDeniedAndOverEveryOtherLimitIsDenied() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).acceptRate(1, 1).whenFull(WhenFull.REFUSE));
        bounded.bound(1);
        enters(server);
        verified.set(false);
        denied.set(true);
        isRefused(server, 1, Refusal.DENIED);
        assertEquals(1, hooks.count("clientKey"));
        assertEquals(1, hooks.count("verifyRequest"));
    }

    @Test
    void thenComesTheRate() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).acceptRate(1, 1).whenFull(WhenFull.REFUSE));
        bounded.bound(1);
        enters(server);
        verified.set(false);
        // A machine that stood still for a second has a token again; it is used up by the first of these then.
        provoke(server);
        provoke(server);
        events.awaitEnds(2);
        assertEquals(0, server.stats().refused(Refusal.PER_CLIENT));
        assertEquals(2, server.stats().refused(Refusal.RATE) + server.stats().refused(Refusal.FULL));
        assertEquals(1, hooks.count("processRequest"));
    }

    @Test
    void thenTheBoundOfTheMixIn() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).whenFull(WhenFull.REFUSE));
        bounded.bound(1);
        enters(server);
        verified.set(false);
        isRefused(server, 1, Refusal.FULL);
    }

    @Test
    void thenTheLimitPerClient() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).whenFull(WhenFull.REFUSE));
        enters(server);
        verified.set(false);
        isRefused(server, 1, Refusal.PER_CLIENT);
    }

    @Test
    void thenVerifyRequestWhichGetsNoAnswerAndTakesNoPlace() throws Exception {
        BaseServer<?> server = serving(Limits.NONE.perClient(1).whenFull(WhenFull.answer("busy\n")));
        verified.set(false);
        for (int i = 1; i <= 5; i++) {
            isRefused(server, i, Refusal.NOT_VERIFIED);
            assertEquals(0, events.awaitEnds(i).get(i - 1).bytesOut());
        }
        verified.set(true);
        enters(server);
        assertEquals(1, hooks.count("processRequest"));
    }

    @Test
    void allLimitsHoldTogetherAndEachRefusalIsToldOnce() throws Exception {
        BaseServer<?> server =
                serving(Limits.NONE.perClient(2).acceptRate(1_000_000, 1_000).whenFull(WhenFull.answer("busy\n")));
        bounded.bound(3);
        enters(server);
        enters(server);
        isRefused(server, 1, Refusal.PER_CLIENT);
        hooks.around("clientKey", (proceed, request) -> "somebody else");
        enters(server);
        isRefused(server, 2, Refusal.FULL);
        denied.set(true);
        isRefused(server, 3, Refusal.DENIED);
        denied.set(false);
        goOn.open();
        events.awaitEnds(6);
        bounded.awaitActive(0);
        verified.set(false);
        isRefused(server, 7, Refusal.NOT_VERIFIED);
        verified.set(true);
        waiting(server, gate());
        assertEquals(4, hooks.count("processRequest"));
        assertEquals(8, server.stats().accepted());
        assertEquals(4, server.stats().ended(RequestOutcome.REFUSED));
        assertEquals(events.started().subList(0, 7).size(), events.stopped().size());
    }
}
