package org.socketserver.mixins.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BirthsTest {
    private final Births births = new Births();
    private long now = -5;

    private void fails() {
        births.failed(now, now);
    }

    private long pause() {
        long began = now;
        while (!births.mayStart(now)) {
            now += TimeUnit.MILLISECONDS.toNanos(1);
        }
        return TimeUnit.NANOSECONDS.toMillis(now - began);
    }

    @Test
    void thePauseAfterAFailureDoublesUpToTenSeconds() {
        assertTrue(births.mayStart(now));
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            fails();
            pauses.add(pause());
        }
        assertEquals(List.of(100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 10_000L, 10_000L), pauses);
    }

    @Test
    void fiveInARowAreTooMany() {
        for (int i = 0; i < Births.MOST; i++) {
            assertFalse(births.areTooMany());
            fails();
            pause();
        }
        assertTrue(births.areTooMany());
    }

    @Test
    void oneThatSucceedsBeginsTheCountAnew() {
        for (int i = 0; i < Births.MOST; i++) {
            fails();
            pause();
        }
        births.succeeded();
        assertFalse(births.areTooMany());
        assertTrue(births.mayStart(now));
        fails();
        assertEquals(100, pause());
    }

    @Test
    void thoseThatWereStartedTogetherCountOnce() {
        long started = now;
        for (int i = 0; i < 3 * Births.MOST; i++) {
            now++;
            births.failed(started, now);
        }
        assertFalse(births.areTooMany());
        assertEquals(100, pause() + TimeUnit.NANOSECONDS.toMillis(3 * Births.MOST));
    }
}
