package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerStats;
import org.socketserver.api.server.BaseServer;

/** The counters and gauges of a server, while it serves and afterwards. {@link EndingsTest} covers each exit path. */
@EachWay
class ServerStatsTest extends ServingTest {
    private final Gate goOn = gate();

    @Test
    void aServerThatHasDoneNothingCountsNothing() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class);
        assertEquals("accepted 0, active 0, peak 0", server.stats().toString());
        server.start();
        assertEquals("accepted 0, active 0, peak 0", server.stats().toString());
    }

    @Test
    void aLiveRequestIsActiveAndItsBytesAreCounted() throws Exception {
        BaseServer<?> server = started(ObedientHandler.Once.class);
        Client client = client(server);
        String command = (setup.isStream() ? "upper soon;" : "") + "before " + goOn;
        client.send(command);
        goOn.awaitWaiting(1);
        String out = setup.isStream() ? ", bytes out 5" : "";
        awaitStats("accepted 1, active 1, peak 1, bytes in " + (command.length() + 1) + out, server);
        goOn.open();
        events.awaitEnds(1);
        awaitStats("accepted 1, active 0, peak 1, done 1, bytes in " + (command.length() + 1) + out, server);
    }

    /** A worker reports its counters with a delay. */
    private void awaitStats(String expected, BaseServer<?> server) throws Exception {
        long began = System.nanoTime();
        while (setup.isForking() && !expected.equals(server.stats().toString()) && millisSince(began) < 10_000) {
            Thread.sleep(5);
        }
        assertEquals(expected, server.stats().toString());
    }

    @Test
    void anEndIsCountedOnceBeforeTheListenerIsCalled() throws Exception {
        BlockingQueue<ServerStats> seen = box();
        BaseServer<?> server = server(Handlers.OneLine.class);
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                seen.add(request.server().stats());
            }
        });
        server.start();
        client(server).ask("12345");
        assertEquals(
                "accepted 1, active 0, peak 1, done 1, bytes in 6, bytes out 10",
                take(seen).toString());
    }

    /** Answers each number, and throws after one of them. */
    static final class FailsAtSeven implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws IOException {
            String line = Handlers.line(request);
            Handlers.answer(request, "got " + line);
            if ("7".equals(line)) {
                throw new IllegalStateException("on purpose");
            }
        }
    }

    @Test
    void manyRequestsOfManyClientsAddUpAndNoneStaysActive() throws Exception {
        int clients = 6;
        int rounds = 30;
        BaseServer<?> server = started(FailsAtSeven.class);
        AtomicBoolean over = new AtomicBoolean();
        FutureTask<Void> watching = inBackground(() -> {
            for (long before = 0; !over.get(); ) {
                ServerStats stats = server.stats();
                assertTrue(stats.accepted() >= before, stats.toString());
                assertTrue(stats.active() >= 0 && stats.active() <= stats.peak(), stats.toString());
                before = stats.accepted();
            }
        });
        List<FutureTask<Void>> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            all.add(inBackground(() -> {
                for (int round = 0; round < rounds; round++) {
                    try (Client client = setup.transport().client(server.address())) {
                        client.send(Integer.toString(round % 10));
                        if (setup.isStream() || round % 10 != 7) {
                            client.receive();
                        }
                    }
                }
            }));
        }
        for (var one : all) {
            await(one);
        }
        events.awaitEnds(clients * rounds);
        over.set(true);
        await(watching);
        ServerStats stats = server.stats();
        assertEquals(clients * rounds, stats.accepted());
        assertEquals(0, stats.active());
        assertEquals(clients * rounds / 10, stats.ended(RequestOutcome.FAILED));
        assertEquals(clients * rounds * 9 / 10, stats.ended(RequestOutcome.DONE));
        // Replies of handlers that threw are not sent.
        int answers = setup.isStream() ? clients * rounds : clients * rounds * 9 / 10;
        assertEquals(clients * rounds * 2, stats.bytesIn());
        assertEquals(answers * 6L, stats.bytesOut());
        assertTrue(
                stats.peak() >= 1 && stats.peak() <= (setup.isConcurrent() ? clients * rounds : 1), stats.toString());
    }

    @Test
    void acceptFailuresAndTheirPausesAreCounted() throws Exception {
        List<String> failures = new ArrayList<>(List.of("Connection reset by peer", "Cannot allocate memory", "odd"));
        hooks.around("getRequest", (proceed, request) -> {
            if (failures.isEmpty()) {
                return proceed.call();
            }
            throw new IOException(failures.remove(0));
        });
        BaseServer<?> server = started(Handlers.OneLine.class);
        assertEquals("got through", client(server).ask("through"));
        events.awaitEnds(1);
        ServerStats stats = server.stats();
        assertEquals(3, stats.acceptFailures());
        assertEquals(2, stats.acceptPauses());
        assertEquals(Duration.ofMillis(30), stats.acceptPaused());
        assertEquals(
                "accepted 1, active 0, peak 1, done 1, bytes in 8, bytes out 12, "
                        + "accept failures 3, accept pauses 2, accept paused ms 30",
                stats.toString());
    }
}
