package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;

/** Base class of deadline tests. A timed-out request is reported in the same way for every deadline. */
abstract class DeadlineTest extends ServingTest {
    /** The start of a worker must not count. */
    @Override
    final void mixInto(BaseServer<?> server) {
        setup.concurrency().mixReadyInto(server);
    }

    static ServerOptions only(Deadline deadline, long millis) {
        return options().deadline(deadline, Duration.ofMillis(millis)).ageJitter(0);
    }

    /** Checks every report of the only request so far. In the expected message, PEER stands for the peer's address. */
    final RequestEnd assertTimedOut(BaseServer<?> server, Deadline deadline, String words) throws Exception {
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.TIMED_OUT, end.outcome(), end.toString());
        assertEquals(Optional.of(deadline), end.deadline());
        DeadlineException failure =
                assertInstanceOf(DeadlineException.class, end.failure().orElseThrow());
        assertSame(deadline, failure.deadline());
        String peer = AddressText.of(events.stopped().get(0).clientAddress());
        assertEquals(words.replace("PEER", peer), failure.getMessage());
        assertEquals(1, hooks.count("handleError"));
        assertSame(failure, hooks.failures.remove().thrown());
        assertTrue(
                log.messages(Level.WARNING).isEmpty(),
                "a time-out is not the server's error: " + log.messages(Level.WARNING));
        for (Deadline each : Deadline.values()) {
            assertEquals(each == deadline ? 1 : 0, server.stats().timedOut(each), each.toString());
        }
        assertEquals(1, server.stats().ended(RequestOutcome.TIMED_OUT));
        return end;
    }

    /** Checks that at least the given time has passed. */
    static void assertNotBefore(long millis, long began) {
        assertTrue(
                System.nanoTime() - began >= millis * 1_000_000,
                millisSince(began) + " ms, expected at least " + millis);
    }

    /** Waits, as a slow peer or handler does. */
    static void pause(long millis) throws InterruptedException {
        Thread.sleep(millis);
    }
}
