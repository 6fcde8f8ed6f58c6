package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** A suspended server accepts and receives nothing. Clients wait in the kernel's queue. */
@EachWay
class SuspendTest extends StopTest {
    private static final ServerOptions LIVELY = options().pollInterval(Duration.ofMillis(5));

    private void assertNoOthersServed(BaseServer<?> server, int soFar) throws Exception {
        awaitTurns(4);
        assertEquals(soFar, server.stats().accepted());
        assertTrue(server.isSuspended());
    }

    @Test
    void nothingIsServedUntilItIsResumed() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class, LIVELY);
        assertEquals("got before", client(server).ask("before"));
        server.suspend();
        server.suspend();
        // One turn may be in progress.
        awaitTurns(1);
        Client waits = client(server);
        waits.send("meanwhile");
        assertNoOthersServed(server, 1);
        assertSame(ServerState.SERVING, server.state());
        server.resume();
        assertEquals("got meanwhile", waits.receive());
        assertEquals("got after", client(server).ask("after"));
        assertFalse(server.isSuspended());
    }

    @Test
    void aServerCanBeSuspendedBeforeServing() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class, LIVELY);
        server.suspend();
        server.start();
        Client waits = client(server);
        waits.send("early");
        assertNoOthersServed(server, 0);
        server.resume();
        assertEquals("got early", waits.receive());
    }

    @Test
    void resumingTakesEffectAtOnce() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class, options().pollInterval(LONG));
        for (int round = 0; round < 20; round++) {
            server.suspend();
            Client client = client(server);
            client.send("on");
            server.resume();
            assertEquals("got on", client.receive());
        }
    }

    @Test
    void runningRequestsContinue() throws Exception {
        Gate goOn = gate();
        BaseServer<?> server = started(ObedientHandler.class);
        Client client = waiting(server, goOn);
        server.suspend();
        goOn.open();
        assertEquals("went on", client.receive());
    }

    @Test
    void aStopTakesEffectAtOnceAndTheNextRunIsStillSuspended() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class, options().pollInterval(LONG));
        server.suspend();
        Client waits = client(server);
        waits.send("patient");
        assertEquals(0, all(take(stopping(server, LONG))));
        assertSame(ServerState.BOUND, server.state());
        server.start();
        assertTrue(server.isSuspended());
        assertEquals(0, server.stats().accepted());
        server.resume();
        assertEquals("got patient", waits.receive());
    }

    @Test
    void handleRequestFindsNothingAndCallsHandleTimeout() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        server.bind();
        server.suspend();
        Client waits = client(server);
        waits.send("there");
        long began = System.nanoTime();
        assertFalse(server.handleRequest(Duration.ofMillis(60)));
        assertNotBefore(60, began);
        assertEquals(1, hooks.count("handleTimeout"));
        assertFalse(server.handleRequest(Duration.ZERO));
        server.resume();
        assertTrue(server.handleRequest(LONG));
        assertEquals("got there", waits.receive());
    }

    @Test
    void itAffectsAHandleRequestThatIsWaiting() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        server.bind();
        BlockingQueue<Boolean> results = box();
        inBackground(() -> results.add(server.handleRequest(Duration.ofMillis(700))));
        while (server.state() != ServerState.SERVING) {
            Thread.sleep(1);
        }
        // Now it most likely waits.
        Thread.sleep(100);
        server.suspend();
        client(server).send("too late");
        assertFalse(take(results));
        assertEquals(0, server.stats().accepted());
    }

    @Test
    void aHandleRequestWithoutATimeoutWaitsUntilItIsResumed() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        server.bind();
        server.suspend();
        Client waits = client(server);
        waits.send("there");
        BlockingQueue<Boolean> results = box();
        inBackground(() -> results.add(server.handleRequest()));
        while (server.state() != ServerState.SERVING) {
            Thread.sleep(1);
        }
        assertTrue(results.isEmpty());
        server.resume();
        assertTrue(take(results));
        assertEquals("got there", waits.receive());
    }

    @Test
    void closeWhileSuspendedEndsServing() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class, options().pollInterval(LONG));
        server.suspend();
        server.close(Duration.ZERO);
        assertSame(ServerState.CLOSED, server.state());
    }
}
