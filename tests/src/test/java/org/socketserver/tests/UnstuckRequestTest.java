package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.server.BaseServer;

/** A handler that waits for its peer or transfers bytes is never reported as stuck, however long it takes. */
@SomeStreamSetups
class UnstuckRequestTest extends ServingTest {
    private static final Duration SHORT = Duration.ofMillis(1_000);
    private static final int LOOKS_MILLIS = 1_500;

    private BaseServer<?> watched(RequestHandler<Request> handler) throws Exception {
        return started(handler, options().stuckAfter(SHORT));
    }

    private void assertNoneStuck(BaseServer<?> server) {
        assertEquals(
                0,
                server.stats().stuck(),
                log.messages(java.util.logging.Level.WARNING).toString());
    }

    @Test
    void aHandlerThatWaitsInAReadIsNotStuck() throws Exception {
        BaseServer<?> server = watched(Handlers.UPPER);
        StreamClient client = connect(server);
        assertEquals("ON", client.ask("on"));
        Thread.sleep(LOOKS_MILLIS);
        assertEquals(List.of(), server.stuckRequests(Duration.ZERO));
        assertTrue(server.liveRequests().get(0).waiting());
        assertNoneStuck(server);
    }

    @Test
    void aHandlerThatWaitsInAWriteIsNotStuck() throws Exception {
        BaseServer<?> server = watched(Faults::writeOn);
        StreamClient client = connect(server);
        client.send("go");
        long began = System.nanoTime();
        while (server.liveRequests().isEmpty()
                || !server.liveRequests().get(0).waiting()
                || server.stats().bytesOut() == 0) {
            assertTrue(millisSince(began) < 20_000, "the write does not block, although the peer does not read");
            Thread.sleep(1);
        }
        Thread.sleep(LOOKS_MILLIS);
        assertEquals(List.of(), server.stuckRequests(Duration.ZERO));
        assertNoneStuck(server);
        client.close();
        events.awaitEnds(1);
    }

    @Test
    void aHandlerThatMovesBytesIsNotStuck() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        BaseServer<?> server = watched(request -> {
            long began = System.nanoTime();
            while (millisSince(began) < LOOKS_MILLIS) {
                request.output().write('.');
            }
            done.countDown();
        });
        StreamClient client = connect(server);
        client.readAll();
        await(done);
        events.awaitEnds(1);
        assertNoneStuck(server);
    }
}
