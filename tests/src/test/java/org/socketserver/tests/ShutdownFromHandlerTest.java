package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;

/** Handlers may call {@code shutdown()}. */
@EachSetup
class ShutdownFromHandlerTest extends ServingTest {
    /** Longer than any test waits, so that no test passes by waiting for the interval or the grace period. */
    private static final ServerOptions SLOW_POLL =
            options().pollInterval(Duration.ofSeconds(60)).grace(Duration.ofSeconds(60));

    private static final long AT_ONCE_MILLIS = 5_000;

    @Test
    void aHandlerCanShutDownItsServerAndComplete() throws Exception {
        BaseServer<?> server = server(
                request -> {
                    String line = Handlers.line(request);
                    request.server().shutdown();
                    Handlers.answer(request, "stopped by " + line);
                },
                SLOW_POLL);
        FutureTask<Void> serving = inBackground(server::serveForever);
        hooks.await("serverActivate", 1);
        Client client = client(server);
        long began = System.nanoTime();
        assertEquals("stopped by me", client.ask("me"));
        await(serving);
        assertTrue(millisSince(began) < AT_ONCE_MILLIS, millisSince(began) + " ms");
        server.start();
        assertEquals("stopped by you", client(server).ask("you"));
    }

    @Test
    void twoHandlersCanShutDownTheirServerAtOnce() throws Exception {
        CountDownLatch both = new CountDownLatch(setup.isThreaded() ? 2 : 1);
        BaseServer<?> server = started(
                request -> {
                    Handlers.line(request);
                    both.countDown();
                    await(both);
                    request.server().shutdown();
                },
                SLOW_POLL);
        client(server).send("one");
        client(server).send("two");
        events.awaitEnds(setup.isThreaded() ? 2 : 1);
        assertTrue(hooks.failures.isEmpty());
    }
}
