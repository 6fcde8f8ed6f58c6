package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;

/** A hook that throws is contained and logged, its request is closed and reported, and the loop lives. */
@EachSetup
class HookFailureTest extends ServingTest {
    /** Fails the first line, answers the others. */
    private static final RequestHandler<Request> FAIL_FIRST = request -> {
        String line = Handlers.line(request);
        if ("first".equals(line)) {
            throw new IllegalStateException("handler");
        }
        Handlers.answer(request, "got " + line);
    };

    private void fails(String hook, Throwable thrown) {
        hooks.around(hook, (proceed, request) -> {
            hooks.plain(hook);
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (Exception) thrown;
        });
    }

    /** The first request meets the failing hook, the second one is served; both end once and are closed. */
    private List<RequestEnd> survives(String hook, RequestHandler<Request> handler, Throwable thrown) throws Exception {
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

    /** After a stop, because a request leaves the set after its end was reported. */
    private static void assertNothingIsLive(BaseServer<?> server) {
        assertTrue(server.shutdown(Duration.ofSeconds(5)).isClean());
        assertTrue(server.liveRequests().isEmpty());
    }

    @Test
    void aVerifyRequestThatThrowsRefusesItsRequestAlone() throws Exception {
        var ends = survives("verifyRequest", Handlers.ONE_LINE, new IllegalStateException("verify"));
        assertSame(RequestOutcome.FAILED, ends.get(0).outcome());
        assertEquals(1, hooks.count("finishRequest"));
    }

    @Test
    void aVerifyRequestThatThrowsAnErrorRefusesItsRequestAlone() throws Exception {
        var ends = survives("verifyRequest", Handlers.ONE_LINE, new StackOverflowError());
        assertSame(RequestOutcome.FAILED, ends.get(0).outcome());
    }

    @Test
    void aHandleErrorThatThrowsIsContained() throws Exception {
        var ends = survives("handleError", FAIL_FIRST, new IllegalStateException("error in the error"));
        assertEquals("handler", ends.get(0).failure().orElseThrow().getMessage());
    }

    @Test
    void aHandleErrorThatThrowsAnErrorIsContained() throws Exception {
        survives("handleError", FAIL_FIRST, new OutOfMemoryError("on purpose"));
    }

    @Test
    void aShutdownRequestThatThrowsIsContainedAndTheRequestIsClosed() throws Exception {
        survives("shutdownRequest", Handlers.ONE_LINE, new IllegalStateException("shutdown"));
    }

    @Test
    void aCloseRequestThatThrowsIsContainedAndTheRequestIsClosed() throws Exception {
        fails("closeRequest", new AssertionError("close"));
        BaseServer<?> server = started(Handlers.ONE_LINE);
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
        BaseServer<?> server = started(
                Handlers.ONE_LINE, options().pollInterval(Duration.ofMillis(5)).build());
        hooks.await("serviceActions", 3);
        assertEquals("got on", client(server).ask("on"));
        assertTrue(log.messages(Level.SEVERE).get(0).contains("serviceActions"));
    }

    @Test
    void aHandleTimeoutThatThrowsIsContained() throws Exception {
        hooks.before("handleTimeout", () -> {
            throw new AssertionError("timeout");
        });
        BaseServer<?> server = server(Handlers.ONE_LINE);
        assertFalse(server.handleRequest(Duration.ZERO));
        assertTrue(log.messages(Level.SEVERE).get(0).contains("handleTimeout"));
    }

    @Test
    void aListenerThatThrowsIsContained() throws Exception {
        BaseServer<?> server = server(Handlers.ONE_LINE);
        server.listener(new RequestListener() {
            @Override
            public void requestStarted(Request request) {
                throw new AssertionError("started");
            }

            @Override
            public void requestStopped(Request request, RequestEnd end) {
                throw new IllegalStateException("stopped");
            }
        });
        server.start();
        assertEquals("got one", client(server).ask("one"));
        assertEquals("got two", client(server).ask("two"));
        assertNothingIsLive(server);
    }

    @Test
    void anOverrideOfShutdownRequestThatForgetsToCloseLeavesNothingOpen() throws Exception {
        hooks.around("shutdownRequest", (proceed, request) -> null);
        BaseServer<?> server = started(Handlers.ONE_LINE);
        Client client = client(server);
        assertEquals("got it", client.ask("it"));
        events.awaitEnds(1);
        assertNothingIsLive(server);
        if (setup.isStream()) {
            assertTrue(((StreamClient) client).isAtEnd());
        }
    }
}
