package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SuspendDetectorTest {
    private final SuspendDetector suspension = new SuspendDetector(0);

    private boolean isOn(long millis) {
        return suspension.isOn(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void frequentChecksDetectNoSuspension() {
        for (long millis = 100; millis < 10_000; millis += 900) {
            assertFalse(isOn(millis));
        }
    }

    @Test
    void aLateCheckIsASuspensionForHalfASecond() {
        assertTrue(isOn(3_000));
        assertTrue(isOn(3_499));
        assertFalse(isOn(3_500));
    }

    @Test
    void repeatedLateChecksAreNotASuspension() {
        assertTrue(isOn(2_000));
        assertFalse(isOn(4_000));
        assertFalse(isOn(6_000));
        assertTrue(isOn(8_000));
    }
}
