package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerDiedExceptionTest {
    @ParameterizedTest
    @CsvSource({"137, 9", "143, 15", "129, 1", "192, 64", "0, 0", "1, 0", "128, 0", "193, 0", "255, 0"})
    void anExitStatusAbove128IsASignal(int status, int signal) {
        assertEquals(signal, new WorkerDiedException(4711, status, "").signal());
    }

    @Test
    void theMessageHasTheProcessIdAndTheExitStatus() {
        WorkerDiedException died = new WorkerDiedException(4711, 137, "killed because the grace period was over");
        assertEquals(
                "worker 4711 died: exit status 137 (signal 9), killed because the grace period was over",
                died.getMessage());
        assertEquals(4711, died.pid());
        assertEquals(137, died.exitStatus());
        assertEquals("worker 1 died: exit status 3", new WorkerDiedException(1, 3, "").getMessage());
    }

    @Test
    void theExceptionHasNoStackTrace() {
        assertEquals(0, new WorkerDiedException(1, 3, "").getStackTrace().length);
    }
}
