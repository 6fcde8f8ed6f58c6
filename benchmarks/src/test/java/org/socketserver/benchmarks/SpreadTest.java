package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void theMedianOfAnOddNumberOfFiguresIsTheMiddleFigure() {
        assertEquals(new Spread(2, 1, 9), Spread.of(List.of(9.0, 1.0, 2.0)));
    }

    @Test
    void theMedianOfAnEvenNumberOfFiguresIsTheMeanOfTheMiddleTwo() {
        assertEquals(new Spread(3, 1, 9), Spread.of(List.of(9.0, 1.0, 2.0, 4.0)));
    }

    @Test
    void missingFiguresAreIgnored() {
        assertEquals(new Spread(5, 5, 5), Spread.of(List.of(Double.NaN, 5.0)));
        assertTrue(Double.isNaN(Spread.of(List.of()).median()));
    }
}
