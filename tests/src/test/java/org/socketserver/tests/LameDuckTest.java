package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** What a load balancer can ask and hear: {@code isReady}, {@code ready(false)}, {@code stateChanged}. */
@EachWay
class LameDuckTest extends StopTest {
    @Test
    void notReadyItContinuesToAcceptAndServe() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        Client before = client(server);
        assertEquals("BEFORE", before.ask("before"));
        server.ready(false);
        assertFalse(server.isReady());
        assertEquals("STILL SERVED", before.ask("still served"));
        before.close();
        assertEquals("NEW", client(server).ask("new"));
        assertEquals(ServerState.SERVING, server.state());
        server.ready(true);
        assertTrue(server.isReady());
    }

    @Test
    void itIsReadyOnlyWhileItServes() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class);
        assertFalse(server.isReady());
        server.bind();
        assertFalse(server.isReady());
        server.start();
        assertTrue(server.isReady());
        server.suspend();
        assertFalse(server.isReady());
        server.resume();
        assertTrue(server.isReady());
        server.shutdown();
        assertFalse(server.isReady());
        server.start();
        assertTrue(server.isReady());
        server.close();
        assertFalse(server.isReady());
    }

    @Test
    void fromTheMomentOfAStopItIsNotReady() throws Exception {
        Gate goOn = gate();
        BaseServer<?> server = started(ObedientHandler.Once.class);
        waiting(server, goOn);
        BlockingQueue<ShutdownReport> reports = stopping(server, LONG);
        assertFalse(server.isReady());
        goOn.open();
        take(reports);
    }

    @Test
    void theListenerMayCloseTheServer() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class, options().grace(LONG));
        BlockingQueue<ServerState> states = box();
        server.listener(new RequestListener() {
            @Override
            public void stateChanged(ServerState state) {
                states.add(state);
                if (state != ServerState.BOUND) {
                    server.close();
                }
            }
        });
        server.start();
        server.close();
        assertEquals(List.of(ServerState.BOUND, ServerState.SERVING, ServerState.CLOSED), List.copyOf(states));
    }

    @Test
    void theListenerHearsEveryState() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        assertEquals("HELLO", client(server).ask("hello"));
        server.shutdown(LONG);
        server.start();
        server.close(LONG);
        assertEquals(
                List.of(
                        ServerState.BOUND,
                        ServerState.SERVING,
                        ServerState.STOPPING,
                        ServerState.BOUND,
                        ServerState.SERVING,
                        ServerState.CLOSED),
                events.states());
    }
}
