package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RestartBackoffTest {
    /** Negative, as {@link System#nanoTime()} can be. */
    private static final long NOW = -5;

    private final RestartBackoff backoff = new RestartBackoff(10);

    private static long after(long millis) {
        return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void workersMayStartAtOnceBeforeAFailure() {
        assertTrue(backoff.mayStart(NOW));
        assertFalse(backoff.areTooMany());
    }

    @Test
    void thePauseDoublesWithEachFailureUpToTenSeconds() {
        int[] pauses = {100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000};
        for (int pause : pauses) {
            backoff.failed(NOW, NOW);
            assertFalse(backoff.mayStart(after(pause) - 1), pause + " ms");
            assertTrue(backoff.mayStart(after(pause)), pause + " ms");
        }
        for (int i = 0; i < 100; i++) {
            backoff.failed(NOW, NOW);
        }
        assertTrue(backoff.mayStart(after(10_000)));
        assertFalse(backoff.mayStart(after(9_999)));
    }

    @Test
    void fiveFailuresInARowAreTooMany() {
        for (int i = 0; i < 4; i++) {
            backoff.failed(NOW, NOW);
            assertFalse(backoff.areTooMany());
        }
        backoff.failed(NOW, NOW);
        assertTrue(backoff.areTooMany());
        assertEquals(5, RestartBackoff.MOST);
    }

    @Test
    void failuresOfWorkersThatStartedTogetherCountOnce() {
        backoff.failed(NOW, after(10));
        for (int i = 0; i < 10; i++) {
            backoff.failed(after(1), after(20));
        }
        assertTrue(backoff.mayStart(after(110)), "100 ms after the first");
        backoff.failed(after(110), after(120));
        assertFalse(backoff.mayStart(after(319)));
        assertTrue(backoff.mayStart(after(320)));
    }

    @Test
    void aSuccessfulStartResetsTheBackoff() {
        for (int i = 0; i < 4; i++) {
            backoff.failed(NOW, NOW);
        }
        backoff.succeeded();
        assertTrue(backoff.mayStart(NOW));
        backoff.failed(NOW, NOW);
        assertFalse(backoff.areTooMany());
        assertTrue(backoff.mayStart(after(100)));
    }
}
