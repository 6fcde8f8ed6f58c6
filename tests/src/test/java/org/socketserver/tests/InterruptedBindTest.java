package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;

/** An interrupt that came before is no reason why an address can't be had. */
@EachThreadedSetup
class InterruptedBindTest extends ServingTest {
    @Test
    void aThreadThatIsInterruptedBindsAndStaysInterrupted() throws Exception {
        BaseServer<?> server = server(Handlers.UPPER, options().build());
        boolean kept;
        Thread.currentThread().interrupt();
        try {
            server.start();
        } finally {
            kept = Thread.interrupted();
        }
        assertTrue(kept);
        assertEquals("HELLO", client(server).ask("hello"));
    }
}
