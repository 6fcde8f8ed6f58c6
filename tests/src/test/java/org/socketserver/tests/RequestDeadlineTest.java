package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** {@link Deadline#REQUEST} limits the duration of a request, whatever its handler does. */
@EachSetup
class RequestDeadlineTest extends DeadlineTest {
    private static final String LATE = "the request of PEER took longer than 60 ms";

    private final CountDownLatch never = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @BeforeEach
    void onlyWithoutHandshake() {
        assumeFalse(setup.transport().isTls(), "the handshake takes a part of the time, which is short here");
    }

    private BaseServer<?> begun(RequestHandler<Request> handler) throws Exception {
        BaseServer<?> server = started(handler, only(Deadline.REQUEST, 60));
        client(server).send("first");
        return server;
    }

    @Test
    void aHandlerThatSleepsIsInterrupted() throws Exception {
        BlockingQueue<Exception> woken = box();
        long began = System.nanoTime();
        BaseServer<?> server = begun(request -> {
            try {
                never.await();
            } catch (InterruptedException interrupt) {
                woken.add(interrupt);
                throw interrupt;
            }
        });
        assertSame(InterruptedException.class, take(woken).getClass());
        assertNotBefore(60, began);
        RequestEnd end = assertTimedOut(server, Deadline.REQUEST, LATE);
        assertSame(
                InterruptedException.class,
                end.failure().orElseThrow().getSuppressed()[0].getClass());
    }

    @Test
    void aHandlerThatSwallowsTheInterruptIsTimedOut() throws Exception {
        BaseServer<?> server = begun(request -> assertThrows(InterruptedException.class, never::await));
        assertTimedOut(server, Deadline.REQUEST, LATE);
    }

    @Test
    void aWaitingReadThrowsTheDeadlineException() throws Exception {
        assumeTrue(setup.isStream(), "a packet has already been read");
        BaseServer<?> server = begun(Handlers.UPPER);
        RequestEnd end = assertTimedOut(server, Deadline.REQUEST, LATE);
        assertEquals(
                0,
                end.failure().orElseThrow().getSuppressed().length,
                "the read throws the deadline's exception itself");
    }

    @Test
    void nothingCanBeSentAfterTheDeadline() throws Exception {
        BlockingQueue<IOException> refused = box();
        BaseServer<?> server = begun(request -> {
            assertThrows(InterruptedException.class, never::await);
            refused.add(assertThrows(IOException.class, () -> {
                if (request instanceof DatagramRequest packet) {
                    packet.reply(new byte[1]);
                } else {
                    request.output().write(1);
                }
            }));
        });
        RequestEnd end = assertTimedOut(server, Deadline.REQUEST, LATE);
        assertSame(
                Deadline.REQUEST,
                assertInstanceOf(DeadlineException.class, take(refused)).deadline());
        assertEquals(0, end.bytesOut());
    }

    @Test
    void aHandlerThatIgnoresTheInterruptIsReportedWhenItEndsAndOthersAreServed() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        BaseServer<?> server = started(
                request -> {
                    if ("first".equals(Handlers.line(request))) {
                        while (goOn.getCount() > 0) {
                            if (Thread.currentThread().isInterrupted()) {
                                over.countDown();
                            }
                        }
                    } else {
                        hooks.record("another");
                    }
                },
                only(Deadline.REQUEST, 500));
        client(server).send("first");
        await(over);
        if (setup.isThreaded()) {
            client(server).send("second");
            hooks.await("another", 1);
        }
        assertFalse(server.liveRequests().isEmpty(), "the request is live while it runs");
        goOn.countDown();
        hooks.await("handleError", 1);
        while (server.stats().active() > 0) {
            Thread.sleep(1);
        }
        assertEquals(1, server.stats().timedOut(Deadline.REQUEST));
        assertSame(
                Deadline.REQUEST,
                assertInstanceOf(
                                DeadlineException.class, hooks.failures.remove().thrown())
                        .deadline());
        client(server).send("third");
        hooks.await("another", setup.isThreaded() ? 2 : 1);
    }

    @Test
    void theInterruptReachesOnlyItsRequest() throws Exception {
        BaseServer<?> server = started(
                request -> {
                    // Ends at about the time of its deadline, so that the interrupt comes before, at or after the end.
                    long end = System.nanoTime() + ThreadLocalRandom.current().nextInt(2_000_000);
                    while (System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                },
                only(Deadline.REQUEST, 1));
        for (int round = 1; round <= 100; round++) {
            try (Client client = setup.transport().client(server.address())) {
                if (!setup.isStream()) {
                    client.send("on");
                }
                events.awaitEnds(round);
            }
        }
        assertSame(ServerState.SERVING, server.state(), "the accept loop continues");
        assertEquals(
                100,
                server.stats().timedOut(Deadline.REQUEST) + server.stats().ended(RequestOutcome.DONE),
                server.stats().toString());
        assertTrue(server.stats().timedOut(Deadline.REQUEST) > 0);
    }
}
