package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/** At the bound of the mix-in, clients are rejected or answered if configured, and nothing else changes. */
@EachConcurrentWay
class WhenFullTest extends ServingTest {
    private final Gate goOn = gate();
    private final Gate goOnToo = gate();
    private Bounded bounded;

    /** Returns a server at its bound of two, with two clients whose handlers wait. */
    private BaseServer<?> fullServer(WhenFull whenFull) throws Exception {
        bounded = setup.concurrency().bounded(2);
        BaseServer<?> server =
                started(ObedientHandler.Once.class, options().limits(Limits.NONE.whenFull(whenFull)), bounded);
        waiting(server, goOn);
        waiting(server, goOnToo);
        return server;
    }

    private void openGates() throws IOException {
        goOn.open();
        goOnToo.open();
    }

    /** Checks the end of the third request, which the server rejected and which is the first to end. */
    private void assertRejected(BaseServer<?> server, long bytesOut) throws Exception {
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.REJECTED, end.outcome());
        assertSame(Rejection.FULL, end.rejection().orElseThrow());
        assertEquals("rejected: full", end.reason());
        assertEquals(bytesOut, end.bytesOut());
        assertEquals(2, hooks.count("processRequest"), "no handler is created for it");
        assertEquals(2, bounded.active());
        assertEquals(3, events.started().size());
        assertEquals(1, events.stopped().size());
        assertSame(events.started().get(2), events.stopped().get(0));
        assertEquals(1, server.stats().rejected(Rejection.FULL));
        assertEquals(1, server.stats().ended(RequestOutcome.REJECTED));
        assertEquals(2, server.stats().active());
        assertEquals(2, hooks.count("verifyRequest"), "verifyRequest comes after the limits");
        assertTrue(hooks.failures.isEmpty());
    }

    /** Checks that the running requests were left alone, and that their slots are free when they end. */
    private void assertContinues(BaseServer<?> server) throws Exception {
        openGates();
        List<RequestEnd> ends = events.awaitEnds(3);
        assertSame(RequestOutcome.DONE, ends.get(1).outcome());
        assertSame(RequestOutcome.DONE, ends.get(2).outcome());
        bounded.awaitActive(0);
        assertEquals("NEXT", client(server).ask("upper next"));
    }

    @Test
    void rejectsAtOnceAndCounts() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.REJECT);
        if (setup.isStream()) {
            assertTrue(connect(server).isAtEnd());
        } else {
            client(server).send("three");
        }
        assertRejected(server, 0);
        assertContinues(server);
    }

    @Test
    void aRejectedClientGetsOnlyTheAnswerAndACleanEnd() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer("busy, come back later\n"));
        if (setup.isStream()) {
            assertEquals("busy, come back later\n", new String(connect(server).readAll(), "UTF-8"));
        } else {
            DatagramClient client = packets(server);
            client.send("three");
            assertEquals("busy, come back later\n", new String(client.receivePacket(), "UTF-8"));
        }
        assertRejected(server, 22);
        assertContinues(server);
    }

    @Test
    void theLongestAnswerArrivesWhole() throws Exception {
        byte[] bytes = new byte[4_096];
        bytes[0] = 1;
        bytes[4_095] = 2;
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer(bytes));
        Client client = client(server);
        client.send("three");
        byte[] got =
                client instanceof StreamClient stream ? stream.readAll() : ((DatagramClient) client).receivePacket();
        assertEquals(List.of(4_096, 1, 2), List.of(got.length, (int) got[0], (int) got[4_095]));
        assertRejected(server, 4_096);
        assertContinues(server);
    }

    @Test
    void manyAreRejectedWithoutTakingASlot() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer("busy\n"));
        for (int i = 0; i < 50; i++) {
            Client client = client(server);
            client.send("more");
            assertEquals("busy", client.receive());
            client.close();
        }
        events.awaitEnds(50);
        assertEquals(50, server.stats().rejected(Rejection.FULL));
        assertEquals(2, bounded.active());
        assertEquals(2, hooks.count("processRequest"));
        openGates();
        events.awaitEnds(52);
        bounded.awaitActive(0);
        assertEquals("NEXT", client(server).ask("upper next"));
    }

    @Test
    void raisingTheBoundAdmitsTheNextRequest() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer("busy\n"));
        assertEquals("busy", client(server).ask("three"));
        bounded.bound(3);
        Client third = client(server);
        third.send("upper third");
        openGates();
        assertEquals("THIRD", third.receive());
    }

    @Test
    void loweringTheBoundLeavesRunningRequestsAloneAndCountsThem() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer("busy\n"));
        bounded.bound(1);
        assertEquals(2, bounded.active());
        goOn.open();
        events.awaitEnds(1);
        bounded.awaitActive(1);
        assertEquals("busy", client(server).ask("one still runs"));
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
