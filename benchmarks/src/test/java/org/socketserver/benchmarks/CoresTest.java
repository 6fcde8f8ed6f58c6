package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CoresTest {
    @Test
    void aListOfCoresHasRangesAndSingleNumbers() {
        assertEquals(List.of(0, 1, 2, 8), Cores.numbers("0-2,8"));
        assertEquals(List.of(4), Cores.numbers("4"));
    }
}
