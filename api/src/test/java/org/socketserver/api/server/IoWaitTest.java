package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;

/** A thread that waits and a thread that ends the wait race on one CAS: exactly one of them succeeds. */
class IoWaitTest {
    private final IoWait wait = new IoWait();

    @Test
    void aFinishedWaitCannotBeEnded() {
        long first = wait.begin();
        assertTrue(wait.finish(first));
        assertFalse(wait.isWaiting());
        assertFalse(wait.end(first, Deadline.READ));
        long second = wait.begin();
        assertTrue(second > first, "each wait has its own start time");
        assertFalse(wait.end(first, Deadline.READ), "this is another wait");
        assertTrue(wait.finish(second));
    }

    @Test
    void anEndedWaitHasItsDeadlineAndTheNextWaitIsIndependent() {
        long first = wait.begin();
        assertEquals(first, wait.since());
        assertTrue(wait.end(first, Deadline.IDLE));
        assertFalse(wait.end(wait.since(), Deadline.READ), "a wait is ended only once");
        assertTrue(wait.since() < 0);
        assertTrue(wait.isWaiting());
        assertFalse(wait.finish(first));
        assertSame(Deadline.IDLE, wait.endedBy());
        assertFalse(wait.isWaiting());
        assertTrue(wait.finish(wait.begin()));
    }

    @Test
    void aWaitEndedByAStopHasNoDeadline() {
        for (Deadline deadline : Deadline.values()) {
            long since = wait.begin();
            assertTrue(wait.end(since, deadline));
            assertFalse(wait.finish(since));
            assertSame(deadline, wait.endedBy());
        }
        long since = wait.begin();
        assertTrue(wait.end(since, null));
        assertFalse(wait.finish(since));
        assertNull(wait.endedBy());
    }

    @Test
    void bytesAreCounted() {
        wait.transferred(3);
        wait.transferred(4);
        assertEquals(7, wait.bytes());
    }
}
