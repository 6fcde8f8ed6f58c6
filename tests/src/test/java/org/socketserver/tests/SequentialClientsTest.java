package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/** A client that reconnects as soon as it has read the end finds its slot free. */
@EachConcurrentStreamWay
class SequentialClientsTest extends ServingTest {
    private static final int CLIENTS = 100;

    /** Sends a greeting and returns. */
    static final class Greeting implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws IOException {
            Handlers.answer(request, "hello");
        }
    }

    /** A slow listener: a slot that were returned only after it would be late. */
    private static final RequestListener SLOW = new RequestListener() {
        @Override
        public void requestStopped(Request request, RequestEnd end) {
            try {
                Thread.sleep(2);
            } catch (InterruptedException stopWaiting) {
                Thread.currentThread().interrupt();
            }
        }
    };

    private void assertAllAreServed(Limits limits) throws Exception {
        BaseServer<?> server = server(
                Greeting.class, options().limits(limits), setup.concurrency().bounded(1));
        server.listener(SLOW);
        server.start();
        for (int i = 0; i < CLIENTS; i++) {
            try (Client client = setup.transport().client(server.address())) {
                assertEquals("hello", client.receive(), "client " + i);
                assertEquals(null, client.receive());
            }
        }
    }

    @Test
    void itIsNotRejectedAtTheBound() throws Exception {
        assertAllAreServed(Limits.NONE.whenFull(WhenFull.REJECT));
    }

    @Test
    void itIsNotRejectedAtTheLimitPerClient() throws Exception {
        assertAllAreServed(Limits.NONE.perClient(1));
    }
}
