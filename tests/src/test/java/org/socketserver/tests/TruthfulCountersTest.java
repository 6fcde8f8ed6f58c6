package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.Limits;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerStats;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/** Counters, live requests and limits have changed when a client sees the end of its request. */
@ParameterizedClass(name = "{0}")
@MethodSource("org.socketserver.tests.Setup#everyHandOver")
class TruthfulCountersTest extends ServingTest {
    private static final int ROUNDS = Setup.EXHAUSTIVE ? 1_000 : 100;

    private BaseServer<?> server;

    /** Sends a request and returns when the client has seen its end: the end of input, or the packet. */
    private void request(int round) throws IOException {
        try (Client client = setup.transport().client(server.address())) {
            assertEquals("got " + round, client.ask(String.valueOf(round)));
            if (client instanceof StreamClient connection) {
                assertTrue(connection.isAtEnd());
            }
        }
    }

    @Test
    void countersAndLiveRequestsChangeBeforeTheClientCanSeeTheEnd() throws Exception {
        server = started(Handlers.OneLine.class);
        long answered = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            request(round);
            answered += ("got " + round + "\n").length();
            ServerStats stats = server.stats();
            assertEquals(round, stats.ended(RequestOutcome.DONE));
            assertEquals(0, stats.active());
            assertEquals(answered, stats.bytesOut());
            assertEquals(List.of(), server.liveRequests());
        }
        assertEquals(ROUNDS, events.awaitEnds(ROUNDS).size());
    }

    @Test
    void limitsChangeBeforeTheClientCanSeeTheEnd() throws Exception {
        hooks.around("clientKey", (proceed, request) -> "everybody");
        server = started(
                Handlers.OneLine.class,
                options().limits(Limits.NONE.perClient(1).whenFull(WhenFull.REJECT)));
        for (int round = 1; round <= ROUNDS; round++) {
            request(round);
        }
        assertEquals(ROUNDS, server.stats().ended(RequestOutcome.DONE));
    }
}
