package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.ClientMemory;

/** A datagram that does not fit the budget of {@link ClientMemory} is dropped and counted. */
@EachDatagramSetup
class DatagramMemoryTest extends ServingTest {
    private final long before = ClientMemory.limit();

    @AfterEach
    void restore() {
        ClientMemory.limit(before);
    }

    @Test
    void itIsDroppedWhileOthersAreHandledAndTheBudgetIsReturned() throws Exception {
        Gate goOn = gate();
        BaseServer<?> server = started(ObedientHandler.class);
        String wait = "wait " + goOn + ";upper " + "x".repeat(600);
        int size = wait.length() + 1;
        Client first = client(server);
        // Datagrams can use half of it.
        ClientMemory.limit(2L * size + 600);
        if (setup.isConcurrent()) {
            first.send(wait);
            goOn.awaitWaiting(1);
            assertEquals(size, ClientMemory.used());
            client(server).send(wait);
            // Small datagrams do not count.
            assertEquals("SMALL", client(server).ask("upper small"));
            assertEquals(1, server.stats().overBudget());
            goOn.open();
            first.receive();
        }
        long began = System.nanoTime();
        while (ClientMemory.used() > 0 && millisSince(began) < 20_000) {
            Thread.sleep(1);
        }
        assertEquals(0, ClientMemory.used());
        assertEquals("A".repeat(500), client(server).ask("upper " + "a".repeat(500)));
    }
}
