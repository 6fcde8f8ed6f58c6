package org.socketserver.mixins.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BirthsTest {
    /** As {@link System#nanoTime()}, which may be negative. */
    private static final long NOW = -5;

    private final Births births = new Births();

    private static long after(long millis) {
        return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void aWorkerMayStartAtOnceWhileNoneHasFailed() {
        assertTrue(births.mayStart(NOW));
        assertFalse(births.isGivenUp());
    }

    @Test
    void thePauseDoublesWithEachFailureAndTheFifthIsTheLast() {
        int[] pauses = {100, 200, 400, 800};
        for (int pause : pauses) {
            assertFalse(births.failed(NOW));
            assertFalse(births.mayStart(after(pause) - 1), pause + " ms");
            assertTrue(births.mayStart(after(pause)), pause + " ms");
        }
        assertFalse(births.isGivenUp());
        assertTrue(births.failed(NOW), "the last");
        assertTrue(births.isGivenUp());
        assertFalse(births.mayStart(after(100_000)));
        assertFalse(births.failed(NOW), "told once");
        assertEquals(5, Births.MOST);
    }

    @Test
    void aWorkerThatIsReadyMakesGoodForAllThatWereNot() {
        for (int i = 0; i < 4; i++) {
            births.failed(NOW);
        }
        births.succeeded();
        assertTrue(births.mayStart(NOW));
        assertFalse(births.failed(NOW));
        assertTrue(births.mayStart(after(100)));
    }
}
