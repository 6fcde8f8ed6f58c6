package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Limits;
import org.socketserver.api.RequestOutcome;
import org.socketserver.mixins.ThreadingMixIn;

/** A peer that is gone, in whichever way, gives its slot back, and its place among those of its client. */
@EachThreadedStreamSetup
class PeerResetTest extends ServingTest {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private BaseServer<?> server() throws Exception {
        ThreadingMixIn threading = setup.concurrency().threading().maxConcurrent(1);
        BaseServer<?> server = plainServer(
                () -> request -> {
                    String line = Handlers.line(request);
                    if ("first".equals(line)) {
                        inside.countDown();
                        goOn.await();
                        while (true) {
                            Handlers.answer(request, "more");
                        }
                    }
                    Handlers.answer(request, "got " + line);
                },
                options().limits(Limits.NONE.perClient(1)).build());
        server.mixIn(threading);
        server.start();
        return server;
    }

    private void theNextIsServed(BaseServer<?> server) throws Exception {
        assertEquals("got next", connect(server).ask("next"));
        assertEquals(2, events.awaitEnds(2).size());
    }

    @Test
    void whileItsHandlerReads() throws Exception {
        BaseServer<?> server = server();
        StreamClient client = connect(server);
        hooks.await("finishRequest", 1);
        client.reset();
        events.awaitEnds(1);
        theNextIsServed(server);
    }

    @Test
    void whileItsHandlerWrites() throws Exception {
        BaseServer<?> server = server();
        StreamClient client = connect(server);
        client.send("first");
        await(inside);
        client.reset();
        goOn.countDown();
        assertSame(RequestOutcome.DISCONNECTED, events.awaitEnds(1).get(0).outcome());
        theNextIsServed(server);
    }

    @Test
    void beforeItWasFetched() throws Exception {
        BaseServer<?> server = server();
        StreamClient first = connect(server);
        first.send("first");
        await(inside);
        connect(server).reset();
        goOn.countDown();
        first.reset();
        assertEquals("got next", connect(server).ask("next"));
    }
}
