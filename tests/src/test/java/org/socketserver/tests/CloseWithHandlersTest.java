package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.server.BaseServer;

/** {@code close()} while handlers run, and called by handlers. */
@EachSetup
class CloseWithHandlersTest extends ServingTest {
    @Test
    void closeInAHandlerReturnsAndStreamsCanStillBeAnswered() throws Exception {
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            ((BaseServer<?>) request.server()).close();
            if (setup.isStream()) {
                Handlers.answer(request, "bye " + line);
            }
        });
        Client client = client(server);
        client.send("quit");
        if (setup.isStream()) {
            assertEquals("bye quit", client.receive());
        }
        events.awaitEnds(1);
        server.close();
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
        assertEquals(1, hooks.count("serverClose"));
    }

    @Test
    void anEarlierInterruptDoesNotShortenTheGrace() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            busy.countDown();
            while (!request.server().isStopping()) {
                Thread.sleep(1);
            }
            // Longer than an abort takes.
            Thread.sleep(100);
            Handlers.answer(request, "got " + line);
        });
        Client client = client(server);
        client.send("work");
        await(busy);
        Thread.currentThread().interrupt();
        server.close();
        assertTrue(Thread.interrupted(), "the interrupt is kept");
        assertEquals("got work", client.receive());
    }
}
