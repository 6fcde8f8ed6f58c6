package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Deadline;
import org.socketserver.api.RequestOutcome;

/** A deadline is for peers that do nothing: one that is slow, but goes on, is served to the end. */
@SomeStreamSetups
class SlowPeerTest extends ServingTest {
    @Test
    void aPeerThatKeepsSendingIsNotTimedOut() throws Exception {
        BaseServer<?> server = started(
                Handlers.UPPER,
                options().deadline(Deadline.READ, Duration.ofMillis(400)).build());
        StreamClient client = connect(server);
        long began = System.nanoTime();
        while (millisSince(began) < 600) {
            assertEquals("ON", client.ask("on"));
        }
    }

    @Test
    void aPeerThatReadsSlowlyButReadsIsNotTimedOut() throws Exception {
        byte[] much = new byte[4_000_000];
        BaseServer<?> server = started(
                request -> request.output().write(much),
                options().deadline(Deadline.WRITE, Duration.ofMillis(500)).build());
        StreamClient slow = connect(server);
        int count = 0;
        long began = System.nanoTime();
        while (slow.read() >= 0) {
            count++;
            if (count % 500_000 == 0) {
                Thread.sleep(90);
            }
        }
        assertEquals(much.length, count);
        assertTrue(millisSince(began) > 500);
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
