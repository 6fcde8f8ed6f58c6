package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** {@code serveForever}: bounds of its argument, its turns, and that only one thread serves at a time. */
@EachWay
class ServeForeverTest extends ServingTest {
    @Test
    void aPollIntervalOfZeroIsRefusedAndNothingIsBound() {
        BaseServer<?> server = server(Handlers.OneLine.class);
        var refused = assertThrows(IllegalArgumentException.class, () -> server.serveForever(Duration.ZERO));
        assertEquals("pollInterval is 0 ms; it must be 1 ms or more", refused.getMessage());
        assertEquals(ServerState.NEW, server.state());
    }

    @Test
    void aNegativePollIntervalIsRefused() {
        BaseServer<?> server = server(Handlers.OneLine.class);
        var refused = assertThrows(IllegalArgumentException.class, () -> server.serveForever(Duration.ofMillis(-500)));
        assertEquals("pollInterval is -500 ms; it must be 1 ms or more", refused.getMessage());
    }

    @Test
    void serviceActionsRunAtLeastEveryIntervalWhileIdle() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        FutureTask<Void> serving = inBackground(() -> server.serveForever(Duration.ofMillis(10)));
        hooks.await("serviceActions", 10);
        server.shutdown();
        await(serving);
    }

    @Test
    void aSecondServeForeverIsRejectedWithTheNameOfTheServingThread() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class);
        String expected = server.name() + " is served by the thread " + server.name() + " accept already";
        assertEquals(
                expected,
                assertThrows(IllegalStateException.class, server::serveForever).getMessage());
        assertEquals(
                expected,
                assertThrows(IllegalStateException.class, server::start).getMessage());
        assertEquals(
                expected,
                assertThrows(IllegalStateException.class, server::handleRequest).getMessage());
        assertEquals("got on", client(server).ask("on"));
    }

    @Test
    void ofTwoServingThreadsOneIsRejectedAndShutdownEndsTheOther() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch one = new CountDownLatch(1);
        Call serve = () -> {
            try {
                server.serveForever();
            } catch (IllegalStateException expected) {
                refused.incrementAndGet();
                one.countDown();
            }
        };
        FutureTask<Void> first = inBackground(serve);
        FutureTask<Void> second = inBackground(serve);
        await(one);
        server.shutdown();
        await(first);
        await(second);
        assertEquals(1, refused.get());
    }

    @Test
    void interruptingTheServingThreadEndsServingAndTheServerCanServeAgain() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread serving = new Thread(() -> {
            try {
                server.serveForever();
            } catch (Throwable failure) {
                thrown.set(failure);
            }
        });
        serving.start();
        hooks.await("serverActivate", 1);
        assertEquals("got first", client(server).ask("first"));
        serving.interrupt();
        serving.join();
        assertNull(thrown.get());
        assertEquals(ServerState.BOUND, server.state());
        server.start();
        assertEquals("got second", client(server).ask("second"));
    }

    @Test
    void oneTurnAcceptsEverythingThatIsReady() throws Exception {
        BaseServer<?> server = server(Handlers.OneLine.class, options().pollInterval(Duration.ofSeconds(20)));
        server.bind();
        Client[] clients = new Client[5];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = client(server);
            clients[i].send("n" + i);
        }
        server.start();
        for (int i = 0; i < clients.length; i++) {
            assertEquals("got n" + i, clients[i].receive());
        }
        events.awaitEnds(5);
        hooks.await("serviceActions", 1);
        assertEquals(
                0,
                hooks.calls().subList(0, hooks.calls().lastIndexOf("getRequest")).stream()
                        .filter("serviceActions"::equals)
                        .count());
    }
}
