package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/** Requests are accepted at the accept rate and its burst, never faster. Those beyond it wait or are rejected. */
@EachWay
class AcceptRateTest extends ServingTest {
    private BaseServer<?> server(int perSecond, int burst, WhenFull whenFull) {
        return server(
                Handlers.OneLine.class,
                options().limits(Limits.NONE.acceptRate(perSecond, burst).whenFull(whenFull)));
    }

    private static double most(int perSecond, int burst, long began) {
        return burst + perSecond * ((System.nanoTime() - began) / 1e9);
    }

    @Test
    void requestsBeyondTheBurstAreRejected() throws Exception {
        long began = System.nanoTime();
        BaseServer<?> server = server(1, 3, WhenFull.REJECT);
        server.start();
        for (int i = 1; i <= 13; i++) {
            provoke(server);
            // One at a time, because without a mix-in no request is fetched while another is handled.
            events.awaitEnds(i);
        }
        double most = most(1, 3, began);
        int served = 0;
        for (RequestEnd end : events.awaitEnds(13)) {
            if (end.outcome() == RequestOutcome.REJECTED) {
                assertSame(Rejection.RATE, end.rejection().orElseThrow());
            } else {
                served++;
            }
        }
        assertTrue(served >= 3 && served <= most, served + " were served, expected at most " + most);
        assertEquals(13 - served, server.stats().rejected(Rejection.RATE));
        assertEquals(served, hooks.count("finishRequest"));
    }

    @Test
    void requestsBeyondTheBurstGetTheConfiguredAnswer() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = server(1, 1, WhenFull.answer("slow down\n"));
        server.start();
        assertEquals("got one", client(server).ask("one"));
        String answer = "";
        // If the machine stalls for a second, there is a new token.
        for (int i = 0; i < 20 && !"slow down".equals(answer); i++) {
            answer = client(server).ask("more");
        }
        assertEquals("slow down", answer);
    }

    @Test
    void waitingClientsAreServedAtTheRateAndNoneIsLost() throws Exception {
        int perSecond = 40;
        int burst = 5;
        long began = System.nanoTime();
        BaseServer<?> server = server(perSecond, burst, WhenFull.WAIT);
        server.start();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            Client client = client(server);
            clients.add(client);
            // A Unix datagram queue may be shorter than the number of clients here.
            client.send("n" + i);
            double accepted = server.stats().accepted();
            assertTrue(accepted <= most(perSecond, burst, began), accepted + " were accepted");
        }
        for (int i = 0; i < clients.size(); i++) {
            assertEquals("got n" + i, clients.get(i).receive());
            double accepted = server.stats().accepted();
            assertTrue(accepted <= most(perSecond, burst, began), accepted + " were accepted");
        }
        List<RequestEnd> ends = events.awaitEnds(25);
        ends.forEach(end -> assertSame(RequestOutcome.DONE, end.outcome()));
        assertEquals(25, ends.size());
    }

    /** The next token is available one second after the first was taken. A busy machine may need several attempts. */
    @Test
    void aStopDoesNotWaitForTheNextToken() throws Exception {
        ServerOptions options = options().pollInterval(Duration.ofSeconds(50)).limits(Limits.NONE.acceptRate(1, 1));
        boolean stoppedBefore = false;
        for (int i = 0; i < 10 && !stoppedBefore; i++) {
            BaseServer<?> server = server(Handlers.OneLine.class, options);
            server.bind();
            long began = System.nanoTime();
            server.start();
            assertEquals("got one", client(server).ask("one"));
            client(server).send("two");
            // Now the loop most likely waits for the token.
            Thread.sleep(50);
            server.shutdown();
            stoppedBefore = millisSince(began) < 1_000;
        }
        assertTrue(stoppedBefore, "each stop took a second");
    }

    @Test
    void serviceActionsContinueWhileTheLoopWaitsForTheNextToken() throws Exception {
        ServerOptions options = options().pollInterval(Duration.ofMillis(5)).limits(Limits.NONE.acceptRate(5, 1));
        BaseServer<?> server = server(Handlers.OneLine.class, options);
        server.start();
        assertEquals("got one", client(server).ask("one"));
        long before = hooks.count("serviceActions");
        client(server).send("two");
        hooks.await("serviceActions", before + 5);
        events.awaitEnds(2);
    }
}
