package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Rejection;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;

/** The accept loop survives failed accepts, backs off instead of spinning, and keeps its intervals and timeouts. */
@SomeSetups
class AcceptLoopTest extends ServingTest {
    private final AtomicInteger attempts = new AtomicInteger();

    /** Makes the given number of attempts fail, then accepts. */
    private void failAccepting(int times, Throwable failure) {
        hooks.around("getRequest", (proceed, request) -> {
            if (attempts.incrementAndGet() > times) {
                return proceed.call();
            }
            if (failure instanceof Error error) {
                throw error;
            }
            throw (Exception) failure;
        });
    }

    @Test
    void itSurvivesResourceExhaustionAndReportsItOnce() throws Exception {
        failAccepting(4, new IOException("No buffer space available"));
        BaseServer<?> server = started(Handlers.ONE_LINE);
        assertEquals("got through", client(server).ask("through"));
        assertEquals(
                List.of(Duration.ofMillis(10), Duration.ofMillis(20), Duration.ofMillis(40), Duration.ofMillis(80)),
                events.pauses());
        assertEquals(
                List.of(server.name() + ": accept failed, retrying with back-off up to 1000 ms: "
                        + "No buffer space available"),
                log.messages(Level.WARNING));
    }

    @Test
    @Tag("quiet")
    void itDoesNotSpinWhileResourcesAreExhausted() throws Exception {
        failAccepting(Integer.MAX_VALUE, new IOException("No buffer space available"));
        BaseServer<?> server = started(Handlers.ONE_LINE, options().pollInterval(Duration.ofMillis(5)));
        client(server).send("there");
        // The pauses before the eighth attempt are 10 + 20 + ... + 640 ms, and the one after it is 1 s.
        long began = System.nanoTime();
        while (events.pauses().size() < 8) {
            hooks.await("serviceActions", hooks.count("serviceActions") + 1);
        }
        assertTrue(millisSince(began) >= 1_000, millisSince(began) + " ms");
        assertEquals(8, attempts.get());
        long stopped = System.nanoTime();
        server.shutdown();
        assertTrue(millisSince(stopped) < 800, "a stop ends the pause");
    }

    @Test
    void anAbortedConnectionIsSkippedAtOnce() throws Exception {
        failAccepting(3, new IOException("Software caused connection abort"));
        BaseServer<?> server = started(Handlers.ONE_LINE);
        assertEquals("got through", client(server).ask("through"));
        assertEquals(List.of(Duration.ZERO, Duration.ZERO, Duration.ZERO), events.pauses());
        assertTrue(log.messages(Level.INFO).isEmpty());
    }

    @Test
    void itSurvivesAGetRequestThatThrowsARuntimeException() throws Exception {
        failAccepting(2, new IllegalStateException("an override"));
        assertEquals("got through", client(started(Handlers.ONE_LINE)).ask("through"));
        assertEquals(2, events.pauses().size());
    }

    @Test
    void itSurvivesAGetRequestThatThrowsAnError() throws Exception {
        failAccepting(2, new OutOfMemoryError("unable to create native thread"));
        assertEquals("got through", client(started(Handlers.ONE_LINE)).ask("through"));
        assertEquals(2, events.pauses().size());
    }

    @Test
    void anOverridesExceptionIsNotMistakenForAListenerFailure() throws Exception {
        failAccepting(1, new IllegalArgumentException("invalid argument"));
        assertEquals("got through", client(started(Handlers.ONE_LINE)).ask("through"));
    }

    @Test
    void aFailureOfTheListenerEndsServingWithTheException() throws Exception {
        IOException failure = new IOException("Bad file descriptor");
        failAccepting(1, failure);
        BaseServer<?> server = server(Handlers.ONE_LINE);
        server.bind();
        client(server).send("there");
        assertSame(failure, assertThrows(IOException.class, server::serveForever));
        assertEquals(ServerState.BOUND, server.state());
    }

    @Test
    void anIdleLoopDoesNotSpin() throws Exception {
        BaseServer<?> server = started(Handlers.ONE_LINE, options().pollInterval(Duration.ofMillis(50)));
        hooks.await("serviceActions", 4);
        hooks.clear();
        long began = System.nanoTime();
        hooks.await("serviceActions", 4);
        long took = millisSince(began);
        assertTrue(took >= 150, "4 turns in " + took + " ms");
        server.shutdown();
    }

    @Test
    @Tag("quiet")
    void serviceActionsKeepTheirIntervalWhileAcceptingFails() throws Exception {
        hooks.around("getRequest", (proceed, request) -> {
            throw new IOException("No buffer space available");
        });
        BaseServer<?> server = started(Handlers.ONE_LINE, options().pollInterval(Duration.ofMillis(20)));
        client(server).send("there");
        while (events.pauses().size() < 6) {
            hooks.await("serviceActions", hooks.count("serviceActions") + 1);
        }
        // The pause is now 640 ms, so there would be one or two calls if it delayed them.
        long before = hooks.count("serviceActions");
        long began = System.nanoTime();
        hooks.await("serviceActions", before + 5);
        assertTrue(millisSince(began) < 1_500, millisSince(began) + " ms");
        server.shutdown();
    }

    @Test
    @Tag("quiet")
    void handleRequestKeepsItsTimeoutWhenAcceptingFails() throws Exception {
        hooks.around("getRequest", (proceed, request) -> {
            throw new IOException("No buffer space available");
        });
        BaseServer<?> server = server(Handlers.ONE_LINE);
        server.bind();
        client(server).send("there");
        long began = System.nanoTime();
        assertFalse(server.handleRequest(Duration.ofMillis(1_300)));
        long took = millisSince(began);
        assertTrue(took >= 1_300 && took < 2_000, took + " ms");
    }

    @Test
    void withoutDescriptorsTheReserveDisconnectsAWaitingClient() throws Exception {
        assumeTrue(setup.isStream());
        failAccepting(1, new IOException("Too many open files"));
        BaseServer<?> server = started(Handlers.ONE_LINE);
        assertTrue(connect(server).isAtEnd());
        assertEquals(
                Rejection.NO_DESCRIPTORS, events.awaitEnds(1).get(0).rejection().orElseThrow());
        // Clients that connect while others are still being disconnected are disconnected, too.
        hooks.await("serviceActions", hooks.count("serviceActions") + 1);
        assertEquals("got through", client(server).ask("through"));
        assertEquals(1, server.stats().rejected(Rejection.NO_DESCRIPTORS));
    }

    @Test
    void aListeningSocketClosedByOtherCodeEndsServingWithTheException() throws Exception {
        var server = closeLater(new TcpServer(Transport.LOOPBACK, Handlers.ONE_LINE) {
            @Override
            protected void serviceActions() {
                try {
                    channel().close();
                } catch (IOException failure) {
                    throw new AssertionError(failure);
                }
            }
        });
        assertThrows(ClosedChannelException.class, server::serveForever);
        assertEquals(ServerState.BOUND, server.state());
    }

    @Test
    void resourceExhaustionIsLoggedOnceAcrossCallsOfHandleRequest() throws Exception {
        failAccepting(Integer.MAX_VALUE, new IOException("Cannot allocate memory"));
        BaseServer<?> server = server(Handlers.ONE_LINE);
        server.bind();
        client(server).send("there");
        for (int i = 0; i < 4; i++) {
            assertFalse(server.handleRequest(Duration.ofMillis(30)));
        }
        assertEquals(
                1,
                log.messages(Level.WARNING).size(),
                log.messages(Level.WARNING).toString());
    }
}
