package org.socketserver.examples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.socketserver.examples.CommandProcess;

class TourTest {
    @Test
    void aTransportIsVisitedWithEveryMixIn() throws Exception {
        var transcript = new ByteArrayOutputStream();
        assertTrue(
                new Tour(new PrintStream(transcript, true, UTF_8)).run(Transport.UNIX),
                () -> transcript.toString(UTF_8));
        List<String> lines = transcript.toString(UTF_8).lines().toList();
        int servers = 2 * Concurrency.values().length + 2;
        assertEquals(servers + " servers, all answered and stopped.", lines.get(lines.size() - 1));
    }

    /** The whole tour. It starts dozens of processes, so a busy machine may take a while. */
    @Test
    @Tag("exhaustive")
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void everyTransportIsVisitedWithEveryMixInAndTheStatusIsZero() throws Exception {
        try (var tour = CommandProcess.start()) {
            tour.assertEndsWithin(TimeUnit.MINUTES.toMillis(4), 0);
            List<String> lines = tour.remainingLines();
            for (Transport transport : Transport.values()) {
                for (Concurrency concurrency : Concurrency.values()) {
                    String heading = String.format("%-14s%-11s", transport.toString(), concurrency.toString());
                    int at = lines.indexOf(lines.stream()
                            .filter(line -> line.startsWith(heading))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError(heading + " is not in " + lines)));
                    assertTrue(lines.get(at + 1).contains("< HELLO "), lines::toString);
                }
            }
            for (Transport transport : Transport.values()) {
                String asked = "    " + String.format("%-14s", transport.toString());
                String answers = lines.stream()
                        .filter(line -> line.startsWith(asked) && line.contains("  threading ") && !line.contains("ms"))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(asked + " is not in " + lines));
                assertTrue(answers.matches(".*  threading ([0-9]+) \\1 \\1  forking [0-9]+ [0-9]+ [0-9]+"), answers);
            }
            int servers = Transport.values().length * (2 * Concurrency.values().length + 2);
            assertEquals(servers + " servers, all answered and stopped.", lines.get(lines.size() - 1));
            assertEquals("", tour.errors());
        }
    }
}
