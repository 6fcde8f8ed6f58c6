package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.server.BaseServer;

/**
 * {@link Deadline#REQUEST} wherever a request runs: whatever its handler does, its client is disconnected and the next
 * is served. See also {@link RequestDeadlineTest}.
 */
@EachWay
class RequestTimeTest extends DeadlineTest {
    private static final long MILLIS = 400;
    private static final String LATE = "the request of PEER took longer than 400 ms";

    private BaseServer<?> begun(String command) throws Exception {
        BaseServer<?> server = started(ObedientHandler.class, only(Deadline.REQUEST, MILLIS));
        long began = System.nanoTime();
        Client client = client(server);
        client.send(command);
        events.awaitEnds(1);
        assertNotBefore(MILLIS, began);
        if (client instanceof StreamClient stream) {
            assertNull(endOf(stream), "nothing is sent after the deadline");
        }
        return server;
    }

    private static @Nullable String endOf(StreamClient client) {
        try {
            return client.receive();
        } catch (IOException reset) {
            return null;
        }
    }

    private void assertTimedOutAndNextServed(BaseServer<?> server) throws Exception {
        RequestEnd end = assertTimedOut(server, Deadline.REQUEST, LATE);
        assertEquals(0, end.bytesOut());
        assertNextServed(server);
    }

    /** If a new worker must start first, its start counts against the deadline of the waiting request. */
    private void assertNextServed(BaseServer<?> server) throws Exception {
        String answer = null;
        for (int i = 0; i < 100 && answer == null; i++) {
            try {
                answer = client(server).ask("upper next");
            } catch (IOException timedOut) {
                Thread.sleep(10);
            }
            if (!setup.isForking()) {
                break;
            }
        }
        assertEquals("NEXT", answer);
    }

    @Test
    void aHandlerThatSleepsIsTimedOut() throws Exception {
        assertTimedOutAndNextServed(begun("sleep 1000000"));
    }

    @Test
    void aHandlerThatWaitsForSomethingElseIsTimedOut() throws Exception {
        assertTimedOutAndNextServed(begun("wait " + gate()));
    }

    @Test
    void aHandlerThatComputesIsTimedOut() throws Exception {
        assertTimedOutAndNextServed(begun("busy " + gate()));
    }

    @Test
    void aHandlerThatReadsIsTimedOut() throws Exception {
        assumeTrue(setup.isStream(), "a packet has already been read");
        assertTimedOutAndNextServed(begun("quiet"));
    }

    @Test
    void aWorkerThatIgnoresTheDeadlineIsKilled() throws Exception {
        assumeTrue(setup.isForking(), "a thread cannot be killed");
        BaseServer<?> server = begun("spin " + gate());
        assertEquals("timed out: request", events.awaitEnds(1).get(0).reason());
        List<String> logged = log.messages(Level.WARNING);
        assertTrue(logged.get(0).contains("took too long in worker"), logged.toString());
        assertTrue(
                logged.get(0).contains(ObedientWorker.class.getName() + ".spin("), "the log has its stack: " + logged);
        assertNextServed(server);
    }

    @Test
    void aHandlerThatEndsInTimeIsDone() throws Exception {
        BaseServer<?> server = started(ObedientHandler.Once.class, only(Deadline.REQUEST, 20_000));
        assertEquals("IN TIME", client(server).ask("upper in time"));
        assertEquals("done", events.awaitEnds(1).get(0).reason());
    }
}
