package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** One thread of a handler may read while another writes. */
@EachStreamSetup
class ConcurrentUseTest extends ServingTest {
    @Test
    void theOtherDirectionWorksWhileAReadWaits() throws Exception {
        BlockingQueue<Long> sent = box();
        BaseServer<?> server = started(request -> {
            var writing = inBackground(() -> {
                Handlers.answer(request, "from another thread");
                sent.add(request.bytesOut());
            });
            assertEquals("then this", Handlers.line(request));
            await(writing);
        });
        StreamClient client = connect(server);
        assertEquals("from another thread", client.receive());
        client.send("then this");
        assertEquals(20L, take(sent));
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
