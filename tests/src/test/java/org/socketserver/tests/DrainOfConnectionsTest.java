package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** A stop ends idle connections after {@code drainDelay}. */
@EachConcurrentStreamWay
class DrainOfConnectionsTest extends StopTest {
    /** Answers until the end of input, then says goodbye. */
    static final class Polite implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws Exception {
            Handlers.UPPER.handle(request);
            Handlers.answer(request, "goodbye");
        }
    }

    private List<StreamClient> idle(BaseServer<?> server, int count) throws Exception {
        List<StreamClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(connect(server));
            assertEquals("HELLO", clients.get(i).ask("hello"));
        }
        return clients;
    }

    private void assertAllSaidGoodbye(List<StreamClient> clients, ShutdownReport report) throws Exception {
        for (StreamClient client : clients) {
            assertEquals("goodbye", client.receive());
            assertTrue(client.isAtEnd());
        }
        assertTrue(report.isClean(), report.toString());
        assertEquals(clients.size(), report.drained());
        events.awaitEnds(clients.size()).forEach(end -> assertEquals(RequestOutcome.DONE, end.outcome()));
    }

    @Test
    void duringTheDelayConnectionsAreServed() throws Exception {
        BaseServer<?> server = started(Polite.class, options().drainDelay(LONG));
        List<StreamClient> clients = idle(server, 3);
        BlockingQueue<ShutdownReport> reports = stopping(server, Duration.ZERO);
        for (int round = 0; round < 20; round++) {
            for (StreamClient client : clients) {
                assertEquals("STILL SERVED", client.ask("still served"));
            }
        }
        for (StreamClient client : clients) {
            client.halfClose();
        }
        assertAllSaidGoodbye(clients, take(reports));
    }

    @Test
    void idleConnectionsEndAfterTheDelayAndNotBefore() throws Exception {
        BaseServer<?> server = started(Polite.class, options().drainDelay(Duration.ofMillis(150)));
        List<StreamClient> clients = idle(server, 3);
        long began = System.nanoTime();
        BlockingQueue<ShutdownReport> reports = stopping(server, LONG);
        assertEquals("goodbye", clients.get(0).receive());
        assertNotBefore(150, began);
        assertAllSaidGoodbye(clients.subList(1, 3), new ShutdownReport(2, List.of(), List.of()));
        assertEquals(3, take(reports).drained());
    }
}
