package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.ServerState;

/** {@code awaitIdle} waits for the end of the requests and stops nothing. */
@EachSetup
class AwaitIdleTest extends StopTest {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private BaseServer<?> busy() throws Exception {
        BaseServer<?> server = started(request -> {
            inside.countDown();
            goOn.await();
            Handlers.ONE_LINE.handle(request);
        });
        client(server).send("work");
        await(inside);
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
        goOn.countDown();
        assertEquals(1, take(endsSeen), "the end was reported before");
        assertSame(ServerState.SERVING, server.state());
        assertEquals("got next", client(server).ask("next"));
    }

    @Test
    void withSuspendItLeavesAServerWithoutWork() throws Exception {
        BaseServer<?> server = busy();
        server.suspend();
        client(server).send("waits");
        goOn.countDown();
        assertTrue(server.awaitIdle(LONG));
        assertEquals(1, server.stats().accepted());
        assertTrue(server.awaitIdle(Duration.ZERO));
        server.resume();
        events.awaitEnds(2);
    }

    @Test
    void itIsFalseWhenTheTimeIsOver() throws Exception {
        BaseServer<?> server = busy();
        long began = System.nanoTime();
        assertFalse(server.awaitIdle(Duration.ofMillis(50)));
        assertNotBefore(50, began);
        assertFalse(server.awaitIdle(Duration.ZERO), "zero only looks");
        goOn.countDown();
    }

    @Test
    void itIsTrueAtOnceWhenNothingIsLive() throws Exception {
        assertTrue(started(Handlers.UPPER).awaitIdle(LONG));
        assertTrue(server(Handlers.UPPER).awaitIdle(LONG));
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        BaseServer<?> server = busy();
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> server.awaitIdle(LONG));
        goOn.countDown();
    }

    @Test
    void aNegativeTimeIsRefused() {
        BaseServer<?> server = server(Handlers.UPPER);
        var refused = assertThrows(IllegalArgumentException.class, () -> server.awaitIdle(Duration.ofMillis(-1)));
        assertEquals("timeout is -1 ms; it must be 0 ms or more", refused.getMessage());
    }
}
