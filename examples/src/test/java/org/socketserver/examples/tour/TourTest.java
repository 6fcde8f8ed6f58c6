package org.socketserver.examples.tour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.examples.CommandProcess;
import org.socketserver.examples.servers.Concurrency;
import org.socketserver.examples.servers.Transport;

class TourTest {
    @Test
    void everyTransportIsVisitedUnderEveryMixInAndTheStatusIsZero() throws Exception {
        try (var tour = CommandProcess.start()) {
            assertEquals(0, tour.exitStatus());
            List<String> lines = tour.remainingLines();
            for (Transport transport : Transport.values()) {
                for (Concurrency concurrency : Concurrency.values()) {
                    String heading = String.format("%-14s%-11s", transport.word(), concurrency.word());
                    int at = lines.indexOf(lines.stream()
                            .filter(line -> line.startsWith(heading))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError(heading + " is not in " + lines)));
                    assertTrue(lines.get(at + 1).contains("< HELLO "), lines::toString);
                }
            }
            int servers = 2 * Transport.values().length * Concurrency.values().length;
            assertEquals(servers + " servers, all answered and are stopped.", lines.get(lines.size() - 1));
            assertEquals("", tour.errors());
        }
    }
}
