package org.socketserver.mixins.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BirthsTest {
    /** As {@link System#nanoTime()}, which may be negative. */
    private static final long NOW = -5;

    private final Births births = new Births(10);

    private static long after(long millis) {
        return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void aWorkerMayStartAtOnceWhileNoneHasFailed() {
        assertTrue(births.mayStart(NOW));
        assertFalse(births.areTooMany());
    }

    @Test
    void thePauseDoublesWithEachFailureUpToTenSeconds() {
        int[] pauses = {100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000};
        for (int pause : pauses) {
            births.failed(NOW, NOW);
            assertFalse(births.mayStart(after(pause) - 1), pause + " ms");
            assertTrue(births.mayStart(after(pause)), pause + " ms");
        }
        for (int i = 0; i < 100; i++) {
            births.failed(NOW, NOW);
        }
        assertTrue(births.mayStart(after(10_000)));
        assertFalse(births.mayStart(after(9_999)));
    }

    @Test
    void fiveInARowAreTooMany() {
        for (int i = 0; i < 4; i++) {
            births.failed(NOW, NOW);
            assertFalse(births.areTooMany());
        }
        births.failed(NOW, NOW);
        assertTrue(births.areTooMany());
        assertEquals(5, Births.MOST);
    }

    @Test
    void thoseThatWereStartedTogetherCountOnce() {
        births.failed(NOW, after(10));
        for (int i = 0; i < 10; i++) {
            births.failed(after(1), after(20));
        }
        assertTrue(births.mayStart(after(110)), "100 ms after the first");
        births.failed(after(110), after(120));
        assertFalse(births.mayStart(after(319)));
        assertTrue(births.mayStart(after(320)));
    }

    @Test
    void aWorkerThatIsReadyMakesGoodForAllThatWereNot() {
        for (int i = 0; i < 4; i++) {
            births.failed(NOW, NOW);
        }
        births.succeeded();
        assertTrue(births.mayStart(NOW));
        births.failed(NOW, NOW);
        assertFalse(births.areTooMany());
        assertTrue(births.mayStart(after(100)));
    }
}
