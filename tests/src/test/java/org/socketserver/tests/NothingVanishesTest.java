package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerStats;
import org.socketserver.api.server.BaseServer;

/**
 * Everything that was accepted is served, rejected or reported, even while the server is stopped, started, suspended
 * and closed.
 */
@EachWay
class NothingVanishesTest extends StopTest {
    private static final int PEERS = 6;

    /** Answers without a question, so that every accepted client gets an answer, whenever a stop begins. */
    static final class Hello implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws IOException {
            Handlers.answer(request, "hello");
        }
    }

    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger unanswered = new AtomicInteger();

    private void talk(BaseServer<?> server, PassingClients clients) throws Exception {
        clients.talk(setup.transport().client(server.address()), client -> {
            if (!setup.isStream()) {
                client.send("?");
            }
            assertEquals("hello", client.receive());
            answered.incrementAndGet();
        });
    }

    private List<FutureTask<Void>> peers(Call each) {
        List<FutureTask<Void>> peers = new ArrayList<>();
        for (int i = 0; i < PEERS; i++) {
            peers.add(inBackground(() -> {
                for (int k = 0; k < each(); k++) {
                    each.run();
                }
            }));
        }
        return peers;
    }

    /** Returns how many requests each peer makes. Restarting a server with worker processes takes much longer. */
    private int each() {
        return setup.isForking() && !Setup.EXHAUSTIVE ? 15 : 40;
    }

    private int rounds() {
        return setup.isForking() && !Setup.EXHAUSTIVE ? 2 : 5;
    }

    /** Waits until peers have read the given number of answers, for at most 20 s. */
    private void awaitAnswers(long count) throws InterruptedException {
        long began = System.nanoTime();
        while (answered.get() < count && millisSince(began) < 20_000) {
            Thread.sleep(1);
        }
    }

    @Test
    void everyPeerIsServedHoweverOftenTheServerStopsAndStarts() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        BaseServer<?> server = started(Hello.class);
        PassingClients clients = closeLater(new PassingClients());
        List<FutureTask<Void>> peers = peers(() -> talk(server, clients));
        int drained = 0;
        while (!peers.stream().allMatch(FutureTask::isDone)) {
            Thread.sleep(random.nextInt(4));
            switch (random.nextInt(3)) {
                case 0 -> {
                    server.suspend();
                    server.awaitIdle(LONG);
                    server.resume();
                }
                case 1 -> {
                    server.shutdown();
                    server.start();
                }
                default -> {
                    var report = server.shutdown(LONG);
                    assertTrue(report.isClean(), report + ", seed " + seed);
                    drained += report.drained();
                    server.start();
                }
            }
        }
        for (FutureTask<Void> peer : peers) {
            await(peer);
        }
        assertEquals(PEERS * each(), answered.get());
        assertTrue(server.awaitIdle(LONG));
        ServerStats stats = server.stats();
        assertEquals(PEERS * each(), stats.accepted(), "seed " + seed + ", drained " + drained);
        assertEquals(PEERS * each(), stats.ended(RequestOutcome.DONE), stats.toString());
        assertEquals(PEERS * each(), events.awaitEnds(PEERS * each()).size());
    }

    @Test
    void connectionsAcceptedBeforeACloseAreServedAndNoOthersAreCounted() throws Exception {
        assumeTrue(setup.isStream(), "an unanswered packet does not show whether it was received");
        for (int round = 0; round < rounds(); round++) {
            BaseServer<?> server = started(Hello.class);
            PassingClients clients = closeLater(new PassingClients());
            List<FutureTask<Void>> peers = peers(() -> {
                if (unanswered.get() == 0) {
                    try {
                        talk(server, clients);
                    } catch (IOException | AssertionError notAccepted) {
                        unanswered.incrementAndGet();
                    }
                }
            });
            while (answered.get() < 20) {
                Thread.sleep(1);
            }
            server.close(Duration.ofSeconds(20));
            ServerStats stats = server.stats();
            awaitAnswers(stats.accepted());
            clients.close();
            for (FutureTask<Void> peer : peers) {
                await(peer);
            }
            assertEquals(stats.accepted(), stats.ended(RequestOutcome.DONE), stats.toString());
            assertEquals(stats.accepted(), answered.get(), "every accepted client was answered");
            answered.set(0);
            unanswered.set(0);
        }
    }
}
