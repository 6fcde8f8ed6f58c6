package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** A client that resets its connection returns its slot and its place in the limit for each client. */
@EachConcurrentStreamWay
class PeerResetTest extends ServingTest {
    private final Gate goOn = gate();

    private BaseServer<?> server() throws Exception {
        return started(
                ObedientHandler.Once.class,
                options().limits(Limits.NONE.perClient(1)),
                setup.concurrency().bounded(1));
    }

    /** Returns a client whose handler waits for the gate and then writes until that fails. */
    private StreamClient first(BaseServer<?> server) throws Exception {
        StreamClient client = connect(server);
        client.send("wait " + goOn + ";flood");
        goOn.awaitWaiting(1);
        return client;
    }

    private void theNextIsServed(BaseServer<?> server) throws Exception {
        assertEquals("NEXT", connect(server).ask("upper next"));
        assertEquals(2, events.awaitEnds(2).size());
    }

    @Test
    void aResetWhileTheHandlerReadsReturnsTheSlot() throws Exception {
        BaseServer<?> server = server();
        StreamClient client = connect(server);
        hooks.await("finishRequest", 1);
        client.reset();
        events.awaitEnds(1);
        theNextIsServed(server);
    }

    @Test
    void aResetWhileTheHandlerWritesReturnsTheSlot() throws Exception {
        BaseServer<?> server = server();
        StreamClient client = first(server);
        client.reset();
        goOn.open();
        assertSame(RequestOutcome.DISCONNECTED, events.awaitEnds(1).get(0).outcome());
        theNextIsServed(server);
    }

    @Test
    void aResetBeforeTheAcceptReturnsTheSlot() throws Exception {
        assumeFalse(setup.transport().isTls(), "it counts against its client until its handshake has failed");
        BaseServer<?> server = server();
        StreamClient first = first(server);
        connect(server).reset();
        goOn.open();
        first.reset();
        assertEquals("NEXT", connect(server).ask("upper next"));
    }
}
