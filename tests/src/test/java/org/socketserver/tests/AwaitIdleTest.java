package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** {@code awaitIdle} waits until there are no live requests, and stops nothing. */
@EachWay
class AwaitIdleTest extends StopTest {
    private final Gate goOn = gate();

    private BaseServer<?> busy() throws Exception {
        BaseServer<?> server = started(ObedientHandler.Once.class);
        waiting(server, goOn);
        return server;
    }

    @Test
    void itReturnsWhenTheLastRequestHasEnded() throws Exception {
        BaseServer<?> server = busy();
        BlockingQueue<Integer> endsSeen = box();
        inBackground(() -> {
            assertTrue(server.awaitIdle(LONG));
            endsSeen.add(events.stopped().size());
        });
        goOn.open();
        assertEquals(1, take(endsSeen), "the end is reported first");
        assertSame(ServerState.SERVING, server.state());
        assertEquals("NEXT", client(server).ask("upper next"));
    }

    @Test
    void aSuspendedServerBecomesIdle() throws Exception {
        BaseServer<?> server = busy();
        long turns = hooks.count("serviceActions");
        server.suspend();
        if (setup.isConcurrent()) {
            // The turn in progress may still fetch one request.
            server.wakeup();
            hooks.await("serviceActions", turns + 1);
        }
        client(server).send("quiet");
        goOn.open();
        assertTrue(server.awaitIdle(LONG));
        assertEquals(1, server.stats().accepted());
        assertTrue(server.awaitIdle(Duration.ZERO));
        server.resume();
        events.awaitEnds(2);
    }

    @Test
    void itReturnsFalseAtTheTimeout() throws Exception {
        BaseServer<?> server = busy();
        long began = System.nanoTime();
        assertFalse(server.awaitIdle(Duration.ofMillis(50)));
        assertNotBefore(50, began);
        assertFalse(server.awaitIdle(Duration.ZERO), "zero does not wait");
        goOn.open();
    }

    @Test
    void itReturnsTrueAtOnceWithoutLiveRequests() throws Exception {
        assertTrue(started(Handlers.Upper.class).awaitIdle(LONG));
        assertTrue(server(Handlers.Upper.class).awaitIdle(LONG));
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        BaseServer<?> server = busy();
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> server.awaitIdle(LONG));
        goOn.open();
    }

    @Test
    void aNegativeTimeIsRefused() {
        BaseServer<?> server = server(Handlers.Upper.class);
        var refused = assertThrows(IllegalArgumentException.class, () -> server.awaitIdle(Duration.ofMillis(-1)));
        assertEquals("timeout is -1 ms; it must be 0 ms or more", refused.getMessage());
    }
}
