package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** {@code close()} stops the server, releases everything, is final, and may be called by any thread, more than once. */
@EachWay
class CloseTest extends ServingTest {
    @Test
    void closingTwiceClosesOnce() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        server.close();
        server.close();
        assertEquals(ServerState.CLOSED, server.state());
        assertEquals(1, hooks.count("serverClose"));
    }

    @Test
    void closingFromManyThreadsClosesOnceAndAllWaitForIt() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        CountDownLatch go = new CountDownLatch(1);
        FutureTask<?>[] all = new FutureTask<?>[5];
        for (int i = 0; i < all.length; i++) {
            all[i] = inBackground(() -> {
                await(go);
                server.close();
                assertEquals(1, hooks.count("serverClose"));
            });
        }
        go.countDown();
        for (FutureTask<?> one : all) {
            await(one);
        }
        assertEquals(1, hooks.count("serverClose"));
    }

    @Test
    void closingABoundServerReleasesItsSocket() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class);
        server.bind();
        server.close();
        assertRefused(server);
    }

    @Test
    void aServerThatWasNeverBoundCanBeClosed() {
        BaseServer<?> server = server(Handlers.Upper.class);
        server.close();
        assertEquals(ServerState.CLOSED, server.state());
        assertTrue(
                log.messages(Level.WARNING).isEmpty(),
                log.messages(Level.WARNING).toString());
    }

    @Test
    void aClosedServerCannotServe() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        server.close();
        String closed = server.name() + " is closed; make a new server";
        assertEquals(
                closed,
                assertThrows(IllegalStateException.class, server::serveForever).getMessage());
        assertEquals(
                closed, assertThrows(IllegalStateException.class, server::start).getMessage());
        assertEquals(
                closed, assertThrows(IllegalStateException.class, server::bind).getMessage());
        assertEquals(
                closed,
                assertThrows(IllegalStateException.class, server::handleRequest).getMessage());
        assertRefused(server);
    }

    @Test
    void aNegativeGraceIsRefusedAndNothingIsClosed() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        var refused = assertThrows(IllegalArgumentException.class, () -> server.close(Duration.ofMillis(-1)));
        assertEquals("grace is -1 ms; it must be 0 ms or more", refused.getMessage());
        assertEquals("ON", client(server).ask("on"));
    }

    @Test
    void itEndsServeForever() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class);
        FutureTask<Void> serving = inBackground(server::serveForever);
        hooks.await("serverActivate", 1);
        server.close();
        await(serving);
    }

    @Test
    void itEndsServeForeverThatHasJustStarted() throws Exception {
        for (int i = 0; i < 20; i++) {
            BaseServer<?> server = server(Handlers.Upper.class);
            FutureTask<Void> serving = inBackground(() -> {
                try {
                    server.serveForever();
                } catch (IllegalStateException closedAlready) {
                    assertEquals(server.name() + " is closed; make a new server", closedAlready.getMessage());
                }
            });
            server.close();
            await(serving);
        }
    }

    @Test
    void abortedRequestsAreLogged() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class, options().grace(Duration.ofMillis(10)));
        waiting(server, gate());
        server.close();
        assertTrue(
                log.messages(Level.WARNING).stream().anyMatch(line -> line.contains("aborted a request")),
                log.messages(Level.WARNING).toString());
    }

    /** New connections are refused. */
    private void assertRefused(BaseServer<?> server) {
        if (setup.isStream()) {
            assertThrows(
                    IOException.class,
                    () -> setup.transport().client(server.address()).close());
        }
    }
}
