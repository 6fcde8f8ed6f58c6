package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** {@code shutdown()} may be called at any time, more than once, by any thread, and takes effect at once. */
@EachWay
class ShutdownTest extends ServingTest {
    /** Longer than any test waits, so that no test passes by waiting for the interval. */
    private static final ServerOptions SLOW_POLL = options().pollInterval(Duration.ofSeconds(20));

    private static final long AT_ONCE_MILLIS = 5_000;

    @Test
    void beforeServingItHasNoEffectAndALaterServeForeverServes() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class, SLOW_POLL);
        server.shutdown();
        server.shutdown(Duration.ofSeconds(20));
        assertEquals(ServerState.NEW, server.state());
        FutureTask<Void> serving = inBackground(server::serveForever);
        hooks.await("serverActivate", 1);
        try (Client client = client(server)) {
            assertEquals("SERVED", client.ask("served"));
        }
        assertFalse(server.isStopping());
        server.shutdown();
        await(serving);
    }

    @Test
    void betweenBindingAndServingItHasNoEffect() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class, SLOW_POLL);
        server.bind();
        server.shutdown();
        server.start();
        assertEquals("SERVED", client(server).ask("served"));
    }

    @Test
    void itEndsAnIdleLoopAtOnce() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class, SLOW_POLL);
        FutureTask<Void> serving = inBackground(server::serveForever);
        hooks.await("serverActivate", 1);
        try (Client client = client(server)) {
            client.ask("serving");
        }
        events.awaitEnds(1);
        long began = System.nanoTime();
        server.shutdown();
        await(serving);
        assertTrue(millisSince(began) < AT_ONCE_MILLIS, millisSince(began) + " ms");
        assertEquals(ServerState.BOUND, server.state());
        assertTrue(server.isStopping());
    }

    @Test
    void itDoesNotAffectALaterRun() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, SLOW_POLL);
        server.shutdown();
        server.shutdown();
        server.shutdown();
        server.start();
        assertEquals("AGAIN", client(server).ask("again"));
    }

    @Test
    void aServerServesAgainAfterItOnTheSameAddress() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, SLOW_POLL);
        var address = server.address();
        for (int i = 0; i < 20; i++) {
            try (Client client = setup.transport().client(address)) {
                assertEquals("ROUND " + i, client.ask("round " + i));
            }
            server.shutdown(Duration.ofSeconds(20));
            assertEquals(address, server.address());
            server.start();
        }
    }

    @Test
    void twoCallsAtOnceReturnWhenTheLoopHasEnded() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, SLOW_POLL);
        CountDownLatch go = new CountDownLatch(1);
        Call stop = () -> {
            await(go);
            server.shutdown();
            assertEquals(ServerState.BOUND, server.state());
        };
        FutureTask<Void> first = inBackground(stop);
        FutureTask<Void> second = inBackground(stop);
        go.countDown();
        await(first);
        await(second);
    }

    @Test
    void afterCloseItHasNoEffect() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, SLOW_POLL);
        server.close();
        server.shutdown();
        assertTrue(server.shutdown(Duration.ofSeconds(20)).isClean());
        assertEquals(ServerState.CLOSED, server.state());
    }

    @Test
    void nothingIsAcceptedAfterItUntilServingBeginsAgain() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class, SLOW_POLL);
        server.shutdown();
        Client late = client(server);
        late.send("late");
        assertFalse(server.shutdown(Duration.ofMillis(30)).drained() > 0);
        assertEquals(0, hooks.count("getRequest"));
        server.start();
        assertEquals("got late", late.receive());
    }

    @Test
    void aServerStartedJustBeforeItStops() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class, SLOW_POLL);
        for (int i = 0; i < 100; i++) {
            server.start();
            server.shutdown();
            assertEquals(ServerState.BOUND, server.state());
        }
    }

    @Test
    void serveForeverRacingWithItEndsOrServesUntilTheNext() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class, SLOW_POLL);
        for (int i = 0; i < 50; i++) {
            FutureTask<Void> serving = inBackground(server::serveForever);
            while (!serving.isDone()) {
                server.shutdown();
            }
            await(serving);
        }
    }
}
