package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/**
 * The bound of a mix-in, with threads or processes: it is exact, clients beyond it wait in the kernel, and each slot is
 * returned. See also {@link ThreadingBoundTest}.
 */
@EachConcurrentWay
class BoundTest extends ServingTest {
    private static final ServerOptions LIVELY = options().pollInterval(Duration.ofMillis(20));

    private final Gate goOn = gate();

    @Test
    void runningRequestsNeverExceedTheBound() throws Exception {
        int clients = 6;
        int rounds = 15;
        Gate crowd = gate();
        AtomicInteger most = new AtomicInteger();
        BaseServer<?> server =
                started(ObedientHandler.class, LIVELY, setup.concurrency().bounded(3));
        List<FutureTask<Void>> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            all.add(inBackground(() -> {
                for (int round = 0; round < rounds; round++) {
                    try (Client client = setup.transport().client(server.address())) {
                        int inside = Integer.parseInt(String.valueOf(client.ask("crowd " + crowd)));
                        most.accumulateAndGet(inside, Math::max);
                    }
                }
            }));
        }
        for (var one : all) {
            await(one);
        }
        events.awaitEnds(clients * rounds);
        assertTrue(most.get() >= 1 && most.get() <= 3, most + " ran at once");
    }

    @Test
    void atTheBoundClientsWaitInTheKernelsQueueUntilASlotIsFree() throws Exception {
        BaseServer<?> server =
                started(ObedientHandler.Once.class, LIVELY, setup.concurrency().bounded(2));
        Client first = waiting(server, goOn);
        Client second = waiting(server, goOn);
        Client third = client(server);
        third.send("upper third");
        hooks.await("serviceActions", hooks.count("serviceActions") + 1);
        assertEquals(2, hooks.count("getRequest"), "the third waits in the kernel");
        goOn.open();
        assertEquals("went on", first.receive());
        assertEquals("went on", second.receive());
        assertEquals("THIRD", third.receive());
    }

    @Test
    void aStopAtTheBoundTakesEffectAtOnce() throws Exception {
        BaseServer<?> server = started(
                ObedientHandler.class,
                options().pollInterval(Duration.ofSeconds(50)),
                setup.concurrency().bounded(1));
        waiting(server, goOn);
        server.shutdown();
        assertSame(ServerState.BOUND, server.state(), "the loop ends before the grace period is over");
        assertEquals(1, server.shutdown(Duration.ZERO).forced().size());
    }

    @Test
    void theBoundCanBeRaisedWhileServing() throws Exception {
        Bounded bounded = setup.concurrency().bounded(1);
        BaseServer<?> server =
                started(ObedientHandler.Once.class, options().pollInterval(Duration.ofSeconds(50)), bounded);
        waiting(server, goOn);
        client(server).send("wait " + goOn);
        bounded.bound(2);
        goOn.awaitWaiting(2);
        goOn.open();
        events.awaitEnds(2);
    }

    @Test
    void theSlotIsReturnedOnEveryPath() throws Exception {
        Semaphore refuse = new Semaphore(0);
        hooks.around("verifyRequest", (proceed, request) -> refuse.tryAcquire() ? false : proceed.call());
        Bounded bounded = setup.concurrency().bounded(1);
        BaseServer<?> server = started(ObedientHandler.Once.class, options(), bounded);
        client(server).send("overflow");
        events.awaitEnds(1);
        hooks.before("handleError", () -> {
            hooks.restore("handleError");
            throw new AssertionError("on purpose");
        });
        client(server).send("throw on purpose");
        events.awaitEnds(2);
        refuse.release();
        provoke(server);
        events.awaitEnds(3);
        waiting(server, goOn);
        assertEquals(1, server.shutdown(Duration.ZERO).forced().size());
        events.awaitEnds(4);
        server.start();
        assertEquals("ON", client(server).ask("upper on"));
        events.awaitEnds(5);
        assertTrue(server.shutdown(Duration.ofSeconds(20)).isClean());
        bounded.awaitActive(0);
    }

    @Test
    void oneSlotServesManyRequestsInTurn() throws Exception {
        BaseServer<?> server = started(
                ObedientHandler.Once.class, options(), setup.concurrency().bounded(1));
        for (int i = 0; i < 50; i++) {
            try (Client client = setup.transport().client(server.address())) {
                assertEquals("N" + i, client.ask("upper n" + i));
                if (setup.isStream()) {
                    assertNull(client.receive());
                }
            }
        }
        assertEquals(50, events.awaitEnds(50).size());
    }
}
