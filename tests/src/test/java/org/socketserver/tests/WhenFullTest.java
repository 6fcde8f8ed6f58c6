package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Limits;
import org.socketserver.api.Refusal;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.WhenFull;
import org.socketserver.mixins.ThreadingMixIn;

/** At the bound of the mix-in peers are turned away or answered, if the user wants that, and nothing else happens. */
@EachThreadedSetup
class WhenFullTest extends ServingTest {
    private final AtomicInteger made = new AtomicInteger();
    private final CountDownLatch full = new CountDownLatch(2);
    private final Semaphore goOn = new Semaphore(0);
    private ThreadingMixIn threading;

    /** A server at its bound of two, with two clients that wait. */
    private BaseServer<?> fullServer(WhenFull whenFull) throws Exception {
        threading = setup.concurrency().threading().maxConcurrent(2);
        BaseServer<?> server = plainServer(
                () -> {
                    made.incrementAndGet();
                    return request -> {
                        String line = Handlers.line(request);
                        full.countDown();
                        goOn.acquire();
                        Handlers.answer(request, "got " + line);
                    };
                },
                options().limits(Limits.NONE.whenFull(whenFull)).build());
        server.mixIn(threading);
        server.start();
        client(server).send("one");
        client(server).send("two");
        await(full);
        return server;
    }

    private void awaitRoom() {
        while (threading.active() > 0) {
            Thread.onSpinWait();
        }
    }

    /** The end of the third request, which the server turned away; its end is the first. */
    private void wasRefused(BaseServer<?> server, long bytesOut) throws Exception {
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.REFUSED, end.outcome());
        assertSame(Refusal.FULL, end.refusal().orElseThrow());
        assertEquals("refused: full", end.reason());
        assertEquals(bytesOut, end.bytesOut());
        assertEquals(2, made.get(), "no handler is made for it");
        assertEquals(2, threading.active());
        assertEquals(3, events.started().size());
        assertEquals(1, events.stopped().size());
        assertSame(events.started().get(2), events.stopped().get(0));
        assertEquals(1, server.stats().refused(Refusal.FULL));
        assertEquals(1, server.stats().ended(RequestOutcome.REFUSED));
        assertEquals(2, server.stats().active());
        assertEquals(2, hooks.count("verifyRequest"), "that comes after the limits");
        assertTrue(hooks.failures.isEmpty());
    }

    /** Those that ran were left alone, and when they are done there is room again. */
    private void goesOn(BaseServer<?> server) throws Exception {
        goOn.release(3);
        List<RequestEnd> ends = events.awaitEnds(3);
        assertSame(RequestOutcome.DONE, ends.get(1).outcome());
        assertSame(RequestOutcome.DONE, ends.get(2).outcome());
        awaitRoom();
        assertEquals("got next", client(server).ask("next"));
    }

    @Test
    void refuseTurnsOneMoreAwayAtOnceAndCountsIt() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.REFUSE);
        if (setup.isStream()) {
            assertTrue(connect(server).isAtEnd());
        } else {
            client(server).send("three");
        }
        wasRefused(server, 0);
        goesOn(server);
    }

    @Test
    void anAnswerIsAllThatOneMoreGetsBeforeACleanEnd() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.answer("busy, come back later\n"));
        if (setup.isStream()) {
            assertEquals("busy, come back later\n", new String(connect(server).readAll(), "UTF-8"));
        } else {
            DatagramClient client = packets(server);
            client.send("three");
            assertEquals("busy, come back later\n", new String(client.receivePacket(), "UTF-8"));
        }
        wasRefused(server, 22);
        goesOn(server);
    }

    @Test
    void theLongestAnswerArrivesWhole() throws Exception {
        byte[] bytes = new byte[4_096];
        bytes[0] = 1;
        bytes[4_095] = 2;
        BaseServer<?> server = fullServer(WhenFull.answer(bytes));
        Client client = client(server);
        client.send("three");
        byte[] got =
                client instanceof StreamClient stream ? stream.readAll() : ((DatagramClient) client).receivePacket();
        assertEquals(List.of(4_096, 1, 2), List.of(got.length, (int) got[0], (int) got[4_095]));
        wasRefused(server, 4_096);
        goesOn(server);
    }

    @Test
    void manyAreTurnedAwayWithoutTakingASlot() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.answer("busy\n"));
        for (int i = 0; i < 50; i++) {
            Client client = client(server);
            client.send("more");
            assertEquals("busy", client.receive());
            client.close();
        }
        events.awaitEnds(50);
        assertEquals(50, server.stats().refused(Refusal.FULL));
        assertEquals(2, threading.active());
        assertEquals(2, made.get());
        goOn.release(3);
        events.awaitEnds(52);
        awaitRoom();
        assertEquals("got next", client(server).ask("next"));
    }

    @Test
    void raisingTheBoundLetsTheNextOneIn() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.answer("busy\n"));
        assertEquals("busy", client(server).ask("three"));
        threading.maxConcurrent(3);
        Client third = client(server);
        third.send("third");
        goOn.release(3);
        assertEquals("got third", third.receive());
    }

    @Test
    void loweringTheBoundLeavesThoseThatRunAloneAndCountsThem() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.answer("busy\n"));
        threading.maxConcurrent(1);
        assertEquals(2, threading.active());
        goOn.release(1);
        events.awaitEnds(1);
        while (threading.active() > 1) {
            Thread.onSpinWait();
        }
        assertEquals("busy", client(server).ask("one runs still"));
        assertSame(RequestOutcome.DONE, events.awaitEnds(2).get(0).outcome());
        goOn.release(2);
        events.awaitEnds(3);
        awaitRoom();
        Client next = client(server);
        assertEquals("got next", next.ask("next"));
        if (setup.isStream()) {
            assertNull(next.receive());
        }
    }
}
