package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.ThreadingMixIn;

/**
 * The bound of {@link ThreadingMixIn}: it is exact, clients beyond it wait in the kernel, and each slot is returned.
 */
@EachThreadedSetup
class ThreadingBoundTest extends ServingTest {
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    private BaseServer<?> bounded(int limit, RequestHandler<Request> handler) {
        BaseServer<?> server = plainServer(() -> handler, options().pollInterval(Duration.ofMillis(20)));
        server.mixIn(setup.concurrency().threading().maxConcurrent(limit));
        return server;
    }

    private final RequestHandler<Request> counted = request -> {
        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
        try {
            String line = Handlers.line(request);
            Thread.sleep(1);
            Handlers.answer(request, "got " + line);
        } finally {
            inside.decrementAndGet();
        }
    };

    @Test
    void runningRequestsNeverExceedTheBound() throws Exception {
        int clients = 8;
        int rounds = 25;
        BaseServer<?> server = bounded(3, counted);
        server.start();
        List<FutureTask<Void>> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            String name = "n" + i;
            all.add(inBackground(() -> {
                for (int round = 0; round < rounds; round++) {
                    try (Client client = setup.transport().client(server.address())) {
                        assertEquals("got " + name, client.ask(name));
                    }
                }
            }));
        }
        for (var one : all) {
            await(one);
        }
        events.awaitEnds(clients * rounds);
        assertEquals(3, most.get());
    }

    @Test
    void atTheBoundClientsWaitInTheKernelsQueueUntilASlotIsFree() throws Exception {
        Semaphore goOn = new Semaphore(0);
        CountDownLatch full = new CountDownLatch(2);
        BaseServer<?> server = bounded(2, request -> {
            String line = Handlers.line(request);
            full.countDown();
            goOn.acquire();
            Handlers.answer(request, "got " + line);
        });
        server.start();
        Client first = client(server);
        Client second = client(server);
        first.send("first");
        second.send("second");
        await(full);
        Client third = client(server);
        third.send("third");
        hooks.await("serviceActions", hooks.count("serviceActions") + 1);
        assertEquals(2, hooks.count("getRequest"), "the third waits in the kernel");
        goOn.release(3);
        assertEquals("got first", first.receive());
        assertEquals("got second", second.receive());
        assertEquals("got third", third.receive());
    }

    @Test
    @Tag("quiet")
    void aStopAtTheBoundTakesEffectAtOnce() throws Exception {
        CountDownLatch full = new CountDownLatch(1);
        BaseServer<?> server = plainServer(
                () -> request -> {
                    Handlers.line(request);
                    full.countDown();
                    new CountDownLatch(1).await();
                },
                options().pollInterval(Duration.ofSeconds(50)));
        server.mixIn(setup.concurrency().threading().maxConcurrent(1));
        server.start();
        client(server).send("stay");
        await(full);
        server.shutdown();
        assertSame(ServerState.BOUND, server.state(), "the loop ends before the grace period is over");
        assertEquals(1, server.shutdown(Duration.ZERO).forced().size());
    }

    @Test
    void theBoundCanBeRaisedWhileServing() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        ThreadingMixIn threading = setup.concurrency().threading().maxConcurrent(1);
        BaseServer<?> server = plainServer(
                () -> request -> {
                    Handlers.line(request);
                    both.countDown();
                    await(both);
                },
                options().pollInterval(Duration.ofSeconds(30)));
        server.mixIn(threading);
        server.start();
        client(server).send("one");
        client(server).send("two");
        while (both.getCount() == 2) {
            Thread.sleep(1);
        }
        threading.maxConcurrent(2);
        events.awaitEnds(2);
    }

    @Test
    void theSlotIsReturnedOnEveryPath() throws Exception {
        Semaphore verify = new Semaphore(0);
        hooks.around("verifyRequest", (proceed, request) -> verify.tryAcquire() ? false : proceed.call());
        ThreadingMixIn threading = setup.concurrency().threading().maxConcurrent(1);
        BaseServer<?> server = plainServer(
                () -> request -> {
                    String line = Handlers.line(request);
                    if ("error".equals(line)) {
                        throw new StackOverflowError();
                    }
                    if ("cut".equals(line)) {
                        new CountDownLatch(1).await();
                    }
                    Handlers.answer(request, "got " + line);
                },
                options());
        server.mixIn(threading);
        server.start();
        client(server).send("error");
        events.awaitEnds(1);
        hooks.before("handleError", () -> {
            hooks.restore("handleError");
            throw new AssertionError("on purpose");
        });
        client(server).send("error");
        events.awaitEnds(2);
        verify.release();
        provoke(server);
        events.awaitEnds(3);
        client(server).send("cut");
        hooks.await("finishRequest", 3);
        assertEquals(1, server.shutdown(Duration.ZERO).forced().size());
        server.start();
        assertEquals("got on", client(server).ask("on"));
        events.awaitEnds(5);
        assertTrue(server.shutdown(Duration.ofSeconds(5)).isClean());
        long began = System.nanoTime();
        // The slot is returned just after the end is reported.
        while (threading.active() > 0 && millisSince(began) < 5_000) {
            Thread.sleep(1);
        }
        assertEquals(0, threading.active());
    }

    @Test
    void aThreadThatCannotBeStartedLeavesNothingBehind() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        MixIn threading = setup.concurrency().threading();
        BaseServer<?> server = plainServer(() -> Handlers.ONE_LINE, options());
        server.mixIn(new MixIn() {
            @Override
            public void processRequest(RequestTask task) throws Exception {
                if (attempts.incrementAndGet() <= 3) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                threading.processRequest(task);
            }
        });
        server.start();
        for (int i = 0; i < 3; i++) {
            provoke(server);
        }
        events.awaitEnds(3).forEach(end -> assertEquals(RequestOutcome.FAILED, end.outcome()));
        assertEquals("got through", client(server).ask("through"));
        events.awaitEnds(4);
        assertEquals(3, hooks.failures.size());
        assertEquals(4, hooks.count("closeRequest"));
        assertTrue(server.awaitIdle(Duration.ofSeconds(20)), "no request is live");
        assertTrue(server.liveRequests().isEmpty());
    }
}
