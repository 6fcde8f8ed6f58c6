package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RestartBackoffTest {
    /** Negative, as {@link System#nanoTime()} can be. */
    private static final long NOW = -5;

    private final RestartBackoff backoff = new RestartBackoff();

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
            backoff.failed(NOW, NOW, false);
            assertFalse(backoff.mayStart(after(pause) - 1), pause + " ms");
            assertTrue(backoff.mayStart(after(pause)), pause + " ms");
        }
        for (int i = 0; i < 100; i++) {
            backoff.failed(NOW, NOW, false);
        }
        assertTrue(backoff.mayStart(after(10_000)));
        assertFalse(backoff.mayStart(after(9_999)));
    }

    @Test
    void fiveFailuresInARowAreTooMany() {
        for (int i = 0; i < 4; i++) {
            backoff.failed(NOW, NOW, false);
            assertFalse(backoff.areTooMany());
        }
        backoff.failed(NOW, NOW, false);
        assertTrue(backoff.areTooMany());
        assertEquals(5, RestartBackoff.MAX);
    }

    @Test
    void failuresOfWorkersThatStartedTogetherCountOnce() {
        backoff.failed(NOW, after(10), false);
        for (int i = 0; i < 10; i++) {
            backoff.failed(after(1), after(20), false);
        }
        assertTrue(backoff.mayStart(after(110)), "100 ms after the first");
        backoff.failed(after(110), after(120), false);
        assertFalse(backoff.mayStart(after(319)));
        assertTrue(backoff.mayStart(after(320)));
    }

    @Test
    void aSuccessfulStartResetsTheBackoff() {
        for (int i = 0; i < 4; i++) {
            backoff.failed(NOW, NOW, false);
        }
        backoff.succeeded();
        assertTrue(backoff.mayStart(NOW));
        backoff.failed(NOW, NOW, false);
        assertFalse(backoff.areTooMany());
        assertTrue(backoff.mayStart(after(100)));
    }

    @Test
    void whileFilesRunShortThePauseIsAtMostASecond() {
        for (int i = 0; i < 100; i++) {
            backoff.failed(NOW, NOW, true);
        }
        assertTrue(backoff.isShort());
        assertFalse(backoff.mayStart(after(1_000) - 1));
        assertTrue(backoff.mayStart(after(1_000)));
        backoff.restart();
        assertTrue(backoff.isShort(), "until a worker is ready");
        assertTrue(backoff.mayStart(NOW));
        backoff.succeeded();
        assertFalse(backoff.isShort());
    }

    @Test
    void failuresOfAnotherKindCountFromTheBeginning() {
        for (int i = 0; i < 4; i++) {
            backoff.failed(NOW, NOW, true);
        }
        backoff.failed(NOW, NOW, false);
        assertFalse(backoff.areTooMany());
        assertFalse(backoff.isShort());
        assertTrue(backoff.mayStart(after(100)));
    }
}
