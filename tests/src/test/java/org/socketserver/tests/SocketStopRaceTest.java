package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerState;
import org.socketserver.api.ServerStats;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;

/** Stops and starts race with clients of every kind over real sockets. No request is lost, and nothing leaks. */
@EachSetup
class SocketStopRaceTest extends ServingTest {
    private static final int CLIENTS = 3;

    private final Set<Long> inReports = new HashSet<>();
    private volatile boolean over;

    /** Does what the first letter of each line says. */
    private final RequestHandler<Request> moody = request -> {
        for (String line = Handlers.line(request); line != null; line = Handlers.line(request)) {
            switch (line.charAt(0)) {
                case 't' -> throw new IllegalStateException("on purpose");
                case 'e' -> throw new StackOverflowError("on purpose");
                case 'c' -> request.close();
                case 'w' -> new CountDownLatch(1).await();
                case 'r' -> {
                    if (request instanceof StreamRequest stream) {
                        stream.deadline(Deadline.READ, Duration.ofMillis(2));
                    }
                }
                default -> Handlers.answer(request, line);
            }
        }
    };

    private BaseServer<?> serving() throws Exception {
        hooks.around(
                "verifyRequest", (proceed, request) -> request.clientAddress().hashCode() % 16 != 1);
        BaseServer<?> server = started(moody, options().deadline(Deadline.REQUEST, Duration.ofMillis(20)));
        return server;
    }

    private void talk(Client client, Random random) throws Exception {
        for (int i = random.nextInt(4); i > 0; i--) {
            String line = "tecwrooooo".charAt(random.nextInt(10)) + "k";
            if (client instanceof StreamClient stream) {
                stream.send(line);
                if (random.nextBoolean()) {
                    stream.receive();
                }
            } else {
                ((DatagramClient) client).offer(line);
            }
            Race.pause(random);
        }
        if (client instanceof StreamClient stream && random.nextInt(4) == 0) {
            stream.reset();
        }
    }

    private FutureTask<Void> streams(BaseServer<?> server, PassingClients clients, Random random) {
        return inBackground(() -> {
            while (!over) {
                try {
                    clients.talk(setup.transport().client(server.address()), client -> talk(client, random));
                } catch (IOException goneOrClosed) {
                    Thread.yield();
                }
            }
        });
    }

    /** Sends packets from one sender at a time, because each sender may need a socket file. */
    private FutureTask<Void> packets(BaseServer<?> server, Random random) {
        return inBackground(() -> {
            try (Client sender = setup.transport().client(server.address())) {
                while (!over) {
                    try {
                        talk(sender, random);
                    } catch (IOException rejected) {
                        Thread.yield();
                    }
                }
            }
        });
    }

    private void stop(BaseServer<?> server, Duration grace) {
        ShutdownReport report = server.shutdown(grace);
        Set<Long> running = new HashSet<>();
        report.running().forEach(request -> running.add(request.id()));
        server.liveRequests().forEach(live -> assertTrue(running.contains(live.id()), live + " is not in " + report));
        report.forced().forEach(request -> inReports.add(request.id()));
        inReports.addAll(running);
    }

    private void round(BaseServer<?> server, Random random) throws Exception {
        Race.pause(random);
        Race.pause(random);
        stop(server, Duration.ofNanos(random.nextInt(3) * random.nextInt(2_000_000)));
        Race.pause(random);
        while (server.state() != ServerState.BOUND) {
            Thread.sleep(1);
        }
        server.start();
    }

    /** Runs the race for a while, then closes everything. */
    private ServerStats race(int rounds, long mostMillis) throws Exception {
        over = false;
        inReports.clear();
        BaseServer<?> server = serving();
        PassingClients clients = closeLater(new PassingClients());
        List<FutureTask<Void>> all = new ArrayList<>();
        Race.rounds(1, mostMillis, random -> {
            for (int i = 0; i < CLIENTS; i++) {
                var ofClient = new Random(random.nextLong());
                all.add(setup.isStream() ? streams(server, clients, ofClient) : packets(server, ofClient));
            }
        });
        Race.rounds(rounds, mostMillis, random -> round(server, random));
        over = true;
        stop(server, Duration.ZERO);
        assertTrue(server.awaitIdle(Duration.ofSeconds(20)));
        server.close();
        clients.close();
        for (FutureTask<Void> one : all) {
            await(one);
        }
        return server.stats();
    }

    private void assertBalanced(ServerStats stats) {
        assertEquals(0, stats.active());
        assertEquals(stats.accepted(), sum(stats.ended().values()));
        assertEquals(stats.ended(RequestOutcome.REJECTED), sum(stats.rejected().values()));
        assertEquals(stats.ended(RequestOutcome.TIMED_OUT), sum(stats.timedOut().values()));
        assertEquals(inReports.size(), stats.ended(RequestOutcome.ABORTED), "each aborted request is in a report");
        assertEquals(events.started().size(), events.stopped().size());
        assertEquals(new HashSet<>(events.started()), new HashSet<>(events.stopped()));
    }

    private static long sum(Iterable<Long> counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    @Test
    void everyAcceptedRequestEndsOrIsInAReportAndNothingLeaks() throws Exception {
        prepareOnce();
        race(20, 200);
        Set<Thread> threads = Race.threads();
        long descriptors = Race.descriptors();
        ServerStats stats = race(1_000, 400);
        assertBalanced(stats);
        long began = System.nanoTime();
        while (!nothingIsLeft(threads, descriptors) && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(20)) {
            Thread.sleep(1);
        }
        Set<Thread> left = Race.threads();
        left.removeAll(threads);
        assertEquals(Set.of(), left);
        assertTrue(Race.descriptors() <= descriptors, Race.descriptors() + " descriptors, before: " + descriptors);
    }

    /**
     * Handles enough requests to create everything that the servers of a process share, such as the pollers of virtual
     * threads.
     */
    private void prepareOnce() throws Exception {
        try (BaseServer<?> server = started(Handlers.ONE_LINE)) {
            for (int i = 0; i < 10; i++) {
                try (Client client = setup.transport().client(server.address())) {
                    assertEquals("got it", client.ask("it"));
                }
            }
        }
    }

    private static boolean nothingIsLeft(Set<Thread> threads, long descriptors) throws IOException {
        return threads.containsAll(Race.threads()) && Race.descriptors() <= descriptors;
    }
}
