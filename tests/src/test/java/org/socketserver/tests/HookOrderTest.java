package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Request;
import org.socketserver.api.server.BaseServer;

/** Hooks run in CPython's order. */
@EachSetup
class HookOrderTest extends ServingTest {
    private static final List<String> BEFORE = List.of(
            "serverBind", "serverActivate", "getRequest", "verifyRequest", "processRequest", "finishRequest", "setup");

    private static final List<String> GOODBYE = List.of("shutdownRequest", "closeRequest");

    /** Records its steps and throws in one of them. */
    private final class Steps extends BaseRequestHandler<Request> {
        private final String failing;

        Steps(String failing) {
            this.failing = failing;
        }

        @Override
        protected void setup() throws Exception {
            step("setup");
        }

        @Override
        public void handle() throws Exception {
            Handlers.line(request());
            step("handle");
        }

        @Override
        protected void finish() throws Exception {
            step("finish");
        }

        private void step(String name) throws IOException {
            hooks.record(name);
            if (name.equals(failing)) {
                throw new IllegalStateException(name + " fails");
            }
        }
    }

    private List<String> orderWith(String failing) throws Exception {
        BaseServer<?> server = server(() -> new Steps(failing), options());
        server.bind();
        client(server).send("go");
        server.handleRequest();
        events.awaitEnds(1);
        server.close();
        return hooks.calls();
    }

    private static List<String> order(List<String> before, String... rest) {
        List<String> all = new ArrayList<>(before);
        all.addAll(List.of(rest));
        all.addAll(GOODBYE);
        all.add("serverClose");
        return all;
    }

    @Test
    void theHooksOfARequestRunInCpythonsOrder() throws Exception {
        assertEquals(order(BEFORE, "handle", "finish"), orderWith(""));
    }

    @Test
    void aFailingHandlerIsFinishedThenReportedThenShutDownThenClosed() throws Exception {
        assertEquals(order(BEFORE, "handle", "finish", "handleError"), orderWith("handle"));
    }

    @Test
    void finishDoesNotRunWhenSetupFailed() throws Exception {
        assertEquals(order(BEFORE, "handleError"), orderWith("setup"));
    }

    @Test
    void aFailingFinishIsReportedAsWell() throws Exception {
        assertEquals(order(BEFORE, "handle", "finish", "handleError"), orderWith("finish"));
    }

    @Test
    void aRejectedRequestIsShutDownAndClosedExactlyOnceAndGetsNoHandler() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> false);
        assertEquals(order(BEFORE.subList(0, 4)), orderWith(""));
    }

    @Test
    void anUnstartableRequestIsReportedThenShutDown() throws Exception {
        hooks.around("processRequest", (proceed, request) -> {
            throw new IllegalStateException("no room");
        });
        assertEquals(order(BEFORE.subList(0, 5), "handleError"), orderWith(""));
    }

    @Test
    void serviceActionsRunAfterTheRequestWhileServing() throws Exception {
        BaseServer<?> server = started(Handlers.ONE_LINE, options().pollInterval(Duration.ofMillis(20)));
        Client client = client(server);
        client.ask("one");
        events.awaitEnds(1);
        hooks.await("serviceActions", hooks.count("serviceActions") + 1);
        List<String> calls = new ArrayList<>(hooks.calls());
        calls.removeIf("serviceActions"::equals);
        assertEquals(
                List.of(
                        "serverBind",
                        "serverActivate",
                        "getRequest",
                        "verifyRequest",
                        "processRequest",
                        "finishRequest",
                        "shutdownRequest",
                        "closeRequest"),
                calls);
    }

    @Test
    void handleRequestCallsNoServiceActions() throws Exception {
        orderWith("");
        assertEquals(0, hooks.count("serviceActions"));
    }

    @Test
    void aFailedBindReleasesTheSocket() throws Exception {
        hooks.around("serverActivate", (proceed, request) -> {
            throw new IOException("can't");
        });
        BaseServer<?> server = server(Handlers.UPPER);
        try {
            server.bind();
        } catch (IOException expected) {
            assertEquals("can't", expected.getMessage());
        }
        assertEquals(List.of("serverBind", "serverActivate", "serverClose"), hooks.calls());
        hooks.restore("serverActivate");
        server.start();
        assertEquals("AGAIN", client(server).ask("again"));
    }
}
