package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** A hook that throws is contained and logged, its request is closed and reported, and the accept loop continues. */
@EachWay
class HookFailureTest extends ServingTest {
    /** Throws on the first line and answers the others. */
    static final class FailFirst implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws IOException {
            String line = Handlers.line(request);
            if ("first".equals(line)) {
                throw new IllegalStateException("handler");
            }
            Handlers.answer(request, "got " + line);
        }
    }

    private void fails(String hook, Throwable thrown) {
        hooks.around(hook, (proceed, request) -> {
            hooks.restore(hook);
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (Exception) thrown;
        });
    }

    /**
     * Checks that the first request meets the failing hook and the second is served, that both end once, and that both
     * are closed.
     */
    private List<RequestEnd> assertSurvives(
            String hook, Class<? extends RequestHandler<Request>> handler, Throwable thrown) throws Exception {
        fails(hook, thrown);
        BaseServer<?> server = started(handler);
        provoke(server);
        events.awaitEnds(1);
        assertEquals("got second", client(server).ask("second"));
        List<RequestEnd> ends = events.awaitEnds(2);
        assertEquals(events.started(), events.stopped());
        assertNothingIsLive(server);
        List<String> logged = log.messages(Level.SEVERE);
        assertTrue(logged.stream().anyMatch(line -> line.contains(hook)), logged.toString());
        return ends;
    }

    /** Stops the server first, because a request leaves the live set after its end is reported. */
    private static void assertNothingIsLive(BaseServer<?> server) {
        assertTrue(server.shutdown(Duration.ofSeconds(5)).isClean());
        assertTrue(server.liveRequests().isEmpty());
    }

    @Test
    void aVerifyRequestThatThrowsRejectsOnlyItsRequest() throws Exception {
        var ends = assertSurvives("verifyRequest", Handlers.OneLine.class, new IllegalStateException("verify"));
        assertSame(RequestOutcome.FAILED, ends.get(0).outcome());
        assertEquals(1, hooks.count("finishRequest"));
    }

    @Test
    void aVerifyRequestThatThrowsAnErrorRejectsOnlyItsRequest() throws Exception {
        var ends = assertSurvives("verifyRequest", Handlers.OneLine.class, new StackOverflowError());
        assertSame(RequestOutcome.FAILED, ends.get(0).outcome());
    }

    @Test
    void aHandleErrorThatThrowsIsContained() throws Exception {
        var ends = assertSurvives("handleError", FailFirst.class, new IllegalStateException("error in the error"));
        assertThrown(
                IllegalStateException.class, "handler", ends.get(0).failure().orElseThrow());
    }

    @Test
    void aHandleErrorThatThrowsAnErrorIsContained() throws Exception {
        assertSurvives("handleError", FailFirst.class, new OutOfMemoryError("on purpose"));
    }

    @Test
    void aShutdownRequestThatThrowsIsContainedAndTheRequestIsClosed() throws Exception {
        assertSurvives("shutdownRequest", Handlers.OneLine.class, new IllegalStateException("shutdown"));
    }

    @Test
    void aCloseRequestThatThrowsIsContainedAndTheRequestIsClosed() throws Exception {
        fails("closeRequest", new AssertionError("close"));
        BaseServer<?> server = started(Handlers.OneLine.class);
        assertEquals("got first", client(server).ask("first"));
        events.awaitEnds(1);
        assertEquals("got second", client(server).ask("second"));
        events.awaitEnds(2);
        assertNothingIsLive(server);
    }

    @Test
    void aServiceActionsThatThrowsIsContainedEachTime() throws Exception {
        hooks.before("serviceActions", () -> {
            throw new AssertionError("service");
        });
        BaseServer<?> server = started(Handlers.OneLine.class, options().pollInterval(Duration.ofMillis(5)));
        hooks.await("serviceActions", 3);
        assertEquals("got on", client(server).ask("on"));
        assertTrue(log.messages(Level.SEVERE).get(0).contains("serviceActions"));
    }

    @Test
    void aHandleTimeoutThatThrowsIsContained() throws Exception {
        hooks.before("handleTimeout", () -> {
            throw new AssertionError("timeout");
        });
        BaseServer<?> server = server(Handlers.OneLine.class);
        assertFalse(server.handleRequest(Duration.ZERO));
        assertTrue(log.messages(Level.SEVERE).get(0).contains("handleTimeout"));
    }

    /**
     * Checks that the first request fails, that its failure reaches handleError, and that the second request is served.
     */
    private void failsOnlyItsRequest(String hook, Throwable thrown) throws Exception {
        fails(hook, thrown);
        BaseServer<?> server = started(Handlers.OneLine.class);
        provoke(server);
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertSame(thrown, end.failure().orElseThrow());
        assertSame(thrown, hooks.failures.remove().thrown());
        assertEquals("got second", client(server).ask("second"));
        assertNothingIsLive(server);
    }

    @Test
    void aProcessRequestThatThrowsFailsOnlyItsRequest() throws Exception {
        failsOnlyItsRequest("processRequest", new IllegalStateException("process"));
    }

    @Test
    void aProcessRequestThatThrowsAnErrorFailsOnlyItsRequest() throws Exception {
        failsOnlyItsRequest("processRequest", new OutOfMemoryError("unable to create native thread"));
    }

    @Test
    void aFinishRequestThatThrowsFailsOnlyItsRequest() throws Exception {
        failsOnlyItsRequest("finishRequest", new IllegalStateException("finish"));
    }

    @Test
    void aClientKeyThatThrowsRejectsOnlyItsRequest() throws Exception {
        fails("clientKey", new IllegalStateException("key"));
        BaseServer<?> server = started(Handlers.OneLine.class, options().limits(Limits.NONE.perClient(100)));
        provoke(server);
        assertEquals("rejected: denied", events.awaitEnds(1).get(0).reason());
        assertEquals("got second", client(server).ask("second"));
        assertNothingIsLive(server);
        assertTrue(log.messages(Level.SEVERE).get(0).contains("clientKey"));
    }

    @Test
    void aHasCapacityThatThrowsOnlyDelaysRequests() throws Exception {
        BaseServer<?> server = plainServer(Handlers.OneLine.class, options());
        server.mixIn(new Faults.FailingCapacity(setup.concurrency().mixIn()));
        server.start();
        assertEquals("got first", client(server).ask("first"));
        assertEquals("got second", client(server).ask("second"));
        assertTrue(log.messages(Level.WARNING).get(0).contains("hasCapacity on purpose"));
        assertEquals(1, server.stats().acceptFailures());
    }

    @Test
    void aLogThatThrowsChangesNothing() throws Exception {
        hooks.before("serviceActions", () -> {
            throw new AssertionError("service");
        });
        try (CapturedLog broken = CapturedLog.broken()) {
            BaseServer<?> server = started(FailFirst.class, options().pollInterval(Duration.ofMillis(5)));
            client(server).send("first");
            assertSame(RequestOutcome.FAILED, events.awaitEnds(1).get(0).outcome());
            hooks.await("serviceActions", hooks.count("serviceActions") + 3);
            assertEquals("got second", client(server).ask("second"));
            assertNothingIsLive(server);
            assertTrue(broken.messages(Level.SEVERE).size() >= 2);
        }
    }

    @Test
    void anOverrideOfShutdownRequestThatForgetsToCloseLeavesNothingOpen() throws Exception {
        hooks.around("shutdownRequest", (proceed, request) -> null);
        BaseServer<?> server = started(Handlers.OneLine.class);
        Client client = client(server);
        assertEquals("got it", client.ask("it"));
        events.awaitEnds(1);
        assertNothingIsLive(server);
        if (setup.isStream()) {
            assertTrue(((StreamClient) client).isAtEnd());
        }
    }
}
