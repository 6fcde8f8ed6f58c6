package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Refusal;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/** At the bound of the mix-in peers are turned away or answered, if the user wants that, and nothing else happens. */
@EachConcurrentWay
class WhenFullTest extends ServingTest {
    private final Gate goOn = gate();
    private final Gate goOnToo = gate();
    private Bounded bounded;

    /** A server at its bound of two, with two clients that wait. */
    private BaseServer<?> fullServer(WhenFull whenFull) throws Exception {
        bounded = setup.concurrency().bounded(2);
        BaseServer<?> server =
                started(ObedientHandler.Once.class, options().limits(Limits.NONE.whenFull(whenFull)), bounded);
        waiting(server, goOn);
        waiting(server, goOnToo);
        return server;
    }

    private void letGo() throws IOException {
        goOn.open();
        goOnToo.open();
    }

    /** The end of the third request, which the server turned away; its end is the first. */
    private void wasRefused(BaseServer<?> server, long bytesOut) throws Exception {
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.REFUSED, end.outcome());
        assertSame(Refusal.FULL, end.refusal().orElseThrow());
        assertEquals("refused: full", end.reason());
        assertEquals(bytesOut, end.bytesOut());
        assertEquals(2, hooks.count("processRequest"), "no handler is made for it");
        assertEquals(2, bounded.active());
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
        letGo();
        List<RequestEnd> ends = events.awaitEnds(3);
        assertSame(RequestOutcome.DONE, ends.get(1).outcome());
        assertSame(RequestOutcome.DONE, ends.get(2).outcome());
        bounded.awaitActive(0);
        assertEquals("NEXT", client(server).ask("upper next"));
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
        assertEquals(2, bounded.active());
        assertEquals(2, hooks.count("processRequest"));
        letGo();
        events.awaitEnds(52);
        bounded.awaitActive(0);
        assertEquals("NEXT", client(server).ask("upper next"));
    }

    @Test
    void raisingTheBoundLetsTheNextOneIn() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.answer("busy\n"));
        assertEquals("busy", client(server).ask("three"));
        bounded.bound(3);
        Client third = client(server);
        third.send("upper third");
        letGo();
        assertEquals("THIRD", third.receive());
    }

    @Test
    void loweringTheBoundLeavesThoseThatRunAloneAndCountsThem() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.answer("busy\n"));
        bounded.bound(1);
        assertEquals(2, bounded.active());
        goOn.open();
        events.awaitEnds(1);
        bounded.awaitActive(1);
        assertEquals("busy", client(server).ask("one runs still"));
        assertSame(RequestOutcome.DONE, events.awaitEnds(2).get(0).outcome());
        goOnToo.open();
        events.awaitEnds(3);
        bounded.awaitActive(0);
        Client next = client(server);
        assertEquals("NEXT", next.ask("upper next"));
        if (setup.isStream()) {
            assertNull(next.receive());
        }
    }
}
