package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** Every way to stop may be called from every hook, returns soon, and ends serving. */
@EachSetup
class StopFromHookTest extends ServingTest {
    private static final ServerOptions LONG_GRACE =
            ServerOptions.DEFAULTS.grace(Duration.ofSeconds(15)).pollInterval(Duration.ofMillis(100));

    /** Far less than the grace period and far more than a stop needs. */
    private static final long SOON_MILLIS = 5_000;

    private final AtomicBoolean once = new AtomicBoolean(true);
    private final BlockingQueue<Long> took = box();

    private void stopOnce(Call stop) throws Exception {
        if (once.getAndSet(false)) {
            long began = System.nanoTime();
            stop.run();
            took.add(millisSince(began));
        }
    }

    private void assertReturnsSoonAndServingEnds(String hook, boolean handlerFails, Consumer<BaseServer<?>> stop)
            throws Exception {
        BaseServer<?> server = server(
                request -> {
                    Handlers.line(request);
                    if (handlerFails) {
                        throw new IllegalStateException("on purpose");
                    }
                },
                LONG_GRACE);
        hooks.before(hook, () -> stopOnce(() -> stop.accept(server)));
        var serving = inBackground(server::serveForever);
        hooks.await("serverActivate", 1);
        if (!hook.equals("serviceActions")) {
            provoke(server);
        }
        long millis = take(took);
        assertTrue(millis < SOON_MILLIS, millis + " ms");
        await(serving);
    }

    private static final String HANDLE_ERROR = "handleError";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "verifyRequest",
                "processRequest",
                "finishRequest",
                "shutdownRequest",
                "closeRequest",
                HANDLE_ERROR,
                "serviceActions"
            })
    void shutdown(String hook) throws Exception {
        assertReturnsSoonAndServingEnds(hook, hook.equals(HANDLE_ERROR), BaseServer::shutdown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "verifyRequest",
                "processRequest",
                "finishRequest",
                "shutdownRequest",
                "closeRequest",
                HANDLE_ERROR,
                "serviceActions"
            })
    void shutdownWithGrace(String hook) throws Exception {
        assertReturnsSoonAndServingEnds(
                hook, hook.equals(HANDLE_ERROR), server -> server.shutdown(Duration.ofSeconds(15)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "verifyRequest",
                "processRequest",
                "finishRequest",
                "shutdownRequest",
                "closeRequest",
                HANDLE_ERROR,
                "serviceActions"
            })
    void close(String hook) throws Exception {
        assertReturnsSoonAndServingEnds(hook, hook.equals(HANDLE_ERROR), BaseServer::close);
        events.awaitEnds(hook.equals("serviceActions") ? 0 : 1);
        assertEquals(events.started(), events.stopped());
    }

    @Test
    void closeFromTheListener() throws Exception {
        BaseServer<?> server = server(Handlers.ONE_LINE, LONG_GRACE);
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                try {
                    stopOnce(server::close);
                } catch (Exception failure) {
                    throw new IllegalStateException(failure);
                }
            }
        });
        server.start();
        assertEquals("got it", client(server).ask("it"));
        long millis = take(took);
        assertTrue(millis < SOON_MILLIS, millis + " ms");
        assertEquals(ServerState.CLOSED, server.state());
    }

    @Test
    void closeFromHandleTimeout() throws Exception {
        BaseServer<?> server = server(Handlers.ONE_LINE, LONG_GRACE);
        hooks.before("handleTimeout", () -> stopOnce(server::close));
        server.handleRequest(Duration.ZERO);
        assertTrue(take(took) < SOON_MILLIS);
        assertEquals(ServerState.CLOSED, server.state());
    }

    @Test
    void closeWhileBindingMakesServeForeverThrow() throws Exception {
        BaseServer<?> server = server(Handlers.ONE_LINE, LONG_GRACE);
        hooks.before("serverActivate", () -> stopOnce(server::close));
        var refused = assertThrows(IllegalStateException.class, server::serveForever);
        assertEquals(server.name() + " is closed; make a new server", refused.getMessage());
        assertTrue(take(took) < SOON_MILLIS);
        assertEquals(ServerState.CLOSED, server.state());
    }
}
