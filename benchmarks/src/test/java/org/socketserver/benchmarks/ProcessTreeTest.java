package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ProcessTreeTest {
    @Test
    void processorTimeIsReadForAnyProgramName() {
        String stat = "17 (a (b) c) S 1 17 17 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 5 6 7";
        assertEquals(127, ProcessTree.ticks(stat));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void thisProcessHasUsedMemoryAndProcessorTime() {
        ProcessTree own = ProcessTree.of(ProcessHandle.current());
        assertTrue(own.residentMegabytes() > 1, own.toString());
        assertTrue(own.processorSeconds() > 0, own.toString());
    }
}
