package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.server.BaseServer;

/**
 * The server's hooks run in CPython's order, wherever the handler runs. {@link HookOrderTest} includes the handler's
 * steps.
 */
@EachWay
class ServerHookOrderTest extends ServingTest {
    private static final List<String> BEFORE =
            List.of("serverBind", "serverActivate", "getRequest", "verifyRequest", "processRequest", "finishRequest");
    private static final List<String> GOODBYE = List.of("shutdownRequest", "closeRequest", "serverClose");

    private List<String> orderWith(Class<? extends RequestHandler<Request>> handler, String command) throws Exception {
        BaseServer<?> server = server(handler);
        server.bind();
        client(server).send(command);
        server.handleRequest();
        events.awaitEnds(1);
        server.close();
        return hooks.calls();
    }

    private static List<String> order(List<String> before, String... rest) {
        List<String> all = new ArrayList<>(before);
        all.addAll(List.of(rest));
        all.addAll(GOODBYE);
        return all;
    }

    @Test
    void theHooksOfARequestRunInCpythonsOrder() throws Exception {
        assertEquals(order(BEFORE), orderWith(ObedientHandler.Once.class, "quiet"));
    }

    @Test
    void aFailingHandlerIsReportedThenShutDownThenClosed() throws Exception {
        assertEquals(order(BEFORE, "handleError"), orderWith(ObedientHandler.Once.class, "throw on purpose"));
    }

    @Test
    void aHandlerWhoseConstructorThrowsIsReportedThenShutDownThenClosed() throws Exception {
        assertEquals(order(BEFORE, "handleError"), orderWith(Faults.FailingConstructor.class, "quiet"));
    }

    @Test
    void aRejectedRequestIsShutDownAndClosedExactlyOnceAndGetsNoHandler() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> false);
        assertEquals(order(BEFORE.subList(0, 4)), orderWith(ObedientHandler.Once.class, "quiet"));
    }

    @Test
    void anUnstartableRequestIsReportedThenShutDown() throws Exception {
        hooks.around("processRequest", (proceed, request) -> {
            throw new IllegalStateException("no room");
        });
        assertEquals(order(BEFORE.subList(0, 5), "handleError"), orderWith(ObedientHandler.Once.class, "quiet"));
    }
}
