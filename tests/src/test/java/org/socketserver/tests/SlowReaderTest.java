package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/**
 * A peer that does not read is disconnected at the deadline, and one that reads slowly gets everything. See also
 * {@link WriteDeadlineTest}.
 */
@EachWay
class SlowReaderTest extends DeadlineTest {
    @Test
    void aPeerThatStopsReadingIsTimedOut() throws Exception {
        assumeTrue(setup.transport() != Transport.UDP, "UDP drops packets that the peer does not read");
        BaseServer<?> server = started(ObedientHandler.class, only(Deadline.WRITE, 80));
        long began = System.nanoTime();
        client(server).send("flood");
        RequestEnd end = assertTimedOut(
                server,
                Deadline.WRITE,
                setup.isStream() ? "PEER took no output for 80 ms" : "the queue to PEER was full for 80 ms");
        assertNotBefore(80, began);
        assertTrue(end.bytesOut() > 0);
        assertEquals("NEXT", client(server).ask("upper next"), "the server continues");
    }

    @Test
    void aPeerThatReadsSlowlyGetsEverything() throws Exception {
        assumeTrue(setup.isStream(), "packets are not read slowly");
        byte[] much = ObedientTalk.bytes(4_000_000);
        BaseServer<?> server = started(ObedientHandler.Once.class, only(Deadline.WRITE, 10_000));
        StreamClient slow = connect(server);
        slow.send("bytes " + much.length);
        var got = new ByteArrayOutputStream();
        for (int next = slow.read(); next >= 0; next = slow.read()) {
            got.write(next);
            if (got.size() % 500_000 == 0) {
                pause(20);
            }
        }
        assertArrayEquals(much, got.toByteArray());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
