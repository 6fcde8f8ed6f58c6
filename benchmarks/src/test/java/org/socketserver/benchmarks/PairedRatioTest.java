package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A slowdown of both contenders in a round does not count; a slowdown of one does. */
class PairedRatioTest {
    @Test
    void aRoundThatIsSlowForBothDoesNotWidenTheInterval() {
        PairedRatio ratio = PairedRatio.of(List.of(100.0, 50.0, 200.0), List.of(200.0, 100.0, 400.0));
        assertEquals(3, ratio.rounds());
        assertEquals(0.5, ratio.mean(), 1e-9);
        assertEquals(0.5, ratio.low(), 1e-9);
        assertEquals(0.5, ratio.high(), 1e-9);
    }

    @Test
    void theIntervalContainsTheMeanAndReflectsTheDifferencesBetweenRounds() {
        PairedRatio ratio =
                PairedRatio.of(List.of(90.0, 110.0, 95.0, 105.0, 100.0), List.of(100.0, 100.0, 100.0, 100.0, 100.0));
        assertEquals(1, ratio.mean(), 0.01);
        assertTrue(ratio.low() > 0.9 && ratio.low() < 0.99, ratio.toString());
        assertTrue(ratio.high() > 1.01 && ratio.high() < 1.1, ratio.toString());
    }

    @Test
    void aRoundWithoutItsPairIsIgnored() {
        assertEquals(1, PairedRatio.of(List.of(2.0, 3.0), List.of(1.0)).rounds());
    }
}
