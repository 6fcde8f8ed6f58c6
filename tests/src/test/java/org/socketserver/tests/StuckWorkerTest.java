package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;

/** A handler that exceeds its deadline is logged with its stack and killed with its worker. */
@ParameterizedClass(name = "{0}")
@MethodSource("org.socketserver.tests.ForkingSetup#first")
@Timeout(120)
class StuckWorkerTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    @Parameter
    ForkingSetup setup;

    private ForkedServer start() throws IOException {
        return setup.server(
                        Saboteur.class,
                        workers -> workers.minIdle(1).maxChildren(2),
                        ServerOptions.DEFAULTS.deadline(Deadline.REQUEST, LIMIT))
                .start();
    }

    /** Sends a command that never ends, and returns the log message with the stacks. */
    private String stacksOf(String line) throws Exception {
        try (ForkedServer server = start()) {
            try (Client client = server.client()) {
                client.send(line);
                if (setup.isStream()) {
                    try {
                        assertNull(client.receive());
                    } catch (IOException reset) {
                        // Counts as closed.
                    }
                }
                RequestEnd end = server.awaitEnd(1);
                assertEquals(RequestOutcome.TIMED_OUT, end.outcome(), end::toString);
                assertEquals(Deadline.REQUEST, end.deadline().orElseThrow());
                assertSame(
                        Deadline.REQUEST,
                        assertInstanceOf(
                                        DeadlineException.class,
                                        server.failures().remove().thrown())
                                .deadline());
            }
            List<String> stacks = server.log().messages(Level.WARNING).stream()
                    .filter(message -> message.contains("its threads:"))
                    .toList();
            assertEquals(1, stacks.size(), server::toString);
            assertEquals("next", server.ask("next"));
            server.awaitIdle(1);
            return stacks.get(0);
        }
    }

    @Test
    void anEndlessLoopIsKilledAfterItsDeadlineAndTheLogHasItsStack() throws Exception {
        String stacks = stacksOf("spin");
        assertTrue(stacks.contains("Saboteur.spin("), stacks);
    }

    @Test
    void aDeadlockIsKilledAfterItsDeadlineAndTheLogNamesIt() throws Exception {
        String stacks = stacksOf("deadlock");
        assertTrue(stacks.contains("2 threads wait for each other (a deadlock)"), stacks);
        assertTrue(stacks.contains("\"the other half\" BLOCKED on java.lang.Object"), stacks);
        assertTrue(stacks.contains("Saboteur.takeBoth("), stacks);
    }
}
