package org.socketserver.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Of the one who gets its bytes, or gets rid of them, and the one who ends the wait only one succeeds. */
class TrafficTest {
    private final Traffic traffic = new Traffic();

    @Test
    void aReadThatHasItsBytesIsNotEnded() {
        traffic.readBegins();
        long read = traffic.reads();
        assertTrue(traffic.readEnds());
        assertFalse(traffic.endRead(read, Deadline.READ));
        traffic.readBegins();
        assertFalse(traffic.endRead(read, Deadline.READ), "it is another read that waits");
        assertTrue(traffic.readEnds());
    }

    @Test
    void anEndedReadIsToldOfItsDeadlineAndTheNextIsFree() {
        traffic.readBegins();
        assertTrue(traffic.endRead(traffic.reads(), Deadline.IDLE));
        assertFalse(traffic.endRead(traffic.reads(), Deadline.READ), "it is ended only once");
        assertTrue(traffic.isReading());
        assertFalse(traffic.readEnds());
        assertSame(Deadline.IDLE, traffic.readEndedBy());
        traffic.readBegins();
        assertEquals(3, traffic.reads());
        assertTrue(traffic.readEnds());
    }

    @Test
    void aWriteThatHasGotRidOfItsBytesIsNotEnded() {
        traffic.writeBegins();
        long write = traffic.writes();
        assertTrue(traffic.writeEnds());
        assertFalse(traffic.endWrite(write));
        traffic.writeBegins();
        assertFalse(traffic.endWrite(write), "it is another write that waits");
        assertTrue(traffic.writeEnds());
    }

    @Test
    void anEndedWriteIsToldAndTheNextIsFree() {
        traffic.writeBegins();
        assertTrue(traffic.endWrite(traffic.writes()));
        assertFalse(traffic.endWrite(traffic.writes()), "it is ended only once");
        assertTrue(traffic.isWriting());
        assertFalse(traffic.writeEnds());
        traffic.writeBegins();
        assertEquals(3, traffic.writes());
        assertTrue(traffic.writeEnds());
    }
}
