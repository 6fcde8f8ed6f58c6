package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** {@code handleRequest} handles at most one request and keeps its timeout. */
@EachWay
class HandleRequestTest extends ServingTest {
    @Test
    void itHandlesOneRequestAndLeavesTheNextToTheNextCall() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        server.bind();
        Client first = client(server);
        Client second = client(server);
        first.send("first");
        second.send("second");
        assertTrue(server.handleRequest());
        events.awaitEnds(1);
        assertEquals(1, hooks.count("getRequest"));
        assertEquals(ServerState.BOUND, server.state());
        assertTrue(server.handleRequest());
        assertEquals("got first", first.receive());
        assertEquals("got second", second.receive());
    }

    @Test
    @Tag("quiet")
    void withTimeoutZeroItPollsOnceAndCallsHandleTimeout() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        long began = System.nanoTime();
        assertFalse(server.handleRequest(Duration.ZERO));
        assertTrue(millisSince(began) < 2_000);
        assertEquals(1, hooks.count("handleTimeout"));
    }

    @Test
    void withTimeoutZeroItHandlesARequestThatIsReady() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        server.bind();
        Client client = client(server);
        client.send("there");
        assertTrue(server.handleRequest(Duration.ZERO));
        assertEquals("got there", client.receive());
        assertEquals(0, hooks.count("handleTimeout"));
    }

    @Test
    void itWaitsForTheWholeAcceptTimeout() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class, options().acceptTimeout(Duration.ofMillis(30)));
        server.bind();
        long began = System.nanoTime();
        assertFalse(server.handleRequest());
        long took = millisSince(began);
        assertTrue(took >= 30 && took < 5_000, took + " ms");
        assertEquals(1, hooks.count("handleTimeout"));
    }

    @Test
    void aShutdownEndsTheWaitAtOnceWithoutHandleTimeout() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        server.bind();
        FutureTask<Void> waiting = inBackground(() -> assertFalse(server.handleRequest()));
        while (server.state() != ServerState.SERVING) {
            Thread.sleep(1);
        }
        server.shutdown();
        await(waiting);
        assertEquals(0, hooks.count("handleTimeout"));
        Client client = client(server);
        client.send("later");
        assertTrue(server.handleRequest(), "the shutdown applies only to the call it ended");
        assertEquals("got later", client.receive());
    }

    @Test
    void aRejectedRequestCountsAsHandled() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> false);
        BaseServer<?> server = server(Handlers.OneLine.class);
        server.bind();
        client(server).send("no");
        assertTrue(server.handleRequest());
        assertEquals(0, hooks.count("finishRequest"));
    }

    @Test
    void aNegativeTimeoutIsRefused() {
        BaseServer<?> server = server(Handlers.OneLine.class);
        var refused = assertThrows(IllegalArgumentException.class, () -> server.handleRequest(Duration.ofMillis(-1)));
        assertEquals("timeout is -1 ms; it must be 0 ms or more", refused.getMessage());
        assertEquals(ServerState.NEW, server.state());
    }
}
