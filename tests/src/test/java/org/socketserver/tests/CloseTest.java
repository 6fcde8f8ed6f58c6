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
import org.socketserver.api.BaseServer;
import org.socketserver.api.ServerState;

/** {@code close()}: stops, releases everything, is final, and may be called by anyone and often. */
@EachSetup
class CloseTest extends ServingTest {
    @Test
    void twiceIsOnce() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER);
        server.close();
        server.close();
        assertEquals(ServerState.CLOSED, server.state());
        assertEquals(1, hooks.count("serverClose"));
    }

    @Test
    void fromManyThreadsAtOnceIsOnceAndAllWaitForIt() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER);
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
    void ofAServerThatNeverServedReleasesIt() throws Exception {
        BaseServer<?> server = server(Handlers.UPPER);
        server.bind();
        server.close();
        assertRefused(server);
    }

    @Test
    void ofAServerThatWasNeverBoundIsFine() {
        BaseServer<?> server = server(Handlers.UPPER);
        server.close();
        assertEquals(ServerState.CLOSED, server.state());
        assertTrue(
                log.messages(Level.WARNING).isEmpty(),
                log.messages(Level.WARNING).toString());
    }

    @Test
    void nothingCanBeServedAfterIt() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER);
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
        BaseServer<?> server = started(Handlers.UPPER);
        var refused = assertThrows(IllegalArgumentException.class, () -> server.close(Duration.ofMillis(-1)));
        assertEquals("grace is -1 ms; it must be 0 ms or more", refused.getMessage());
        assertEquals("ON", client(server).ask("on"));
    }

    @Test
    void itEndsServeForever() throws Exception {
        BaseServer<?> server = server(Handlers.UPPER);
        FutureTask<Void> serving = inBackground(server::serveForever);
        hooks.await("serverActivate", 1);
        server.close();
        await(serving);
    }

    @Test
    void itEndsServeForeverThatHasJustBegun() throws Exception {
        for (int i = 0; i < 20; i++) {
            BaseServer<?> server = server(Handlers.UPPER);
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
    void whatItCutIsLogged() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        BaseServer<?> server = started(
                request -> {
                    Handlers.line(request);
                    busy.countDown();
                    new CountDownLatch(1).await();
                },
                options().grace(Duration.ofMillis(10)).build());
        client(server).send("stay");
        await(busy);
        server.close();
        assertTrue(
                log.messages(Level.WARNING).stream().anyMatch(line -> line.contains("cut a request")),
                log.messages(Level.WARNING).toString());
    }

    @Test
    void fromAHandlerItReturnsAndStreamsCanStillBeAnswered() throws Exception {
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            ((BaseServer<?>) request.server()).close();
            if (setup.isStream()) {
                Handlers.answer(request, "bye " + line);
            }
        });
        Client client = client(server);
        client.send("quit");
        if (setup.isStream()) {
            assertEquals("bye quit", client.receive());
        }
        events.awaitEnds(1);
        server.close();
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
        assertEquals(1, hooks.count("serverClose"));
    }

    /** New peers find nobody. */
    private void assertRefused(BaseServer<?> server) {
        if (setup.isStream()) {
            assertThrows(
                    IOException.class,
                    () -> setup.transport().client(server.address()).close());
        }
    }

    @Test
    void anInterruptThatWasThereBeforeCostsNoRequestItsGrace() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            busy.countDown();
            while (!request.server().isStopping()) {
                Thread.onSpinWait();
            }
            // Longer than it takes to cut.
            Thread.sleep(100);
            Handlers.answer(request, "got " + line);
        });
        Client client = client(server);
        client.send("work");
        await(busy);
        Thread.currentThread().interrupt();
        server.close();
        assertTrue(Thread.interrupted(), "the interrupt is kept");
        assertEquals("got work", client.receive());
    }
}
