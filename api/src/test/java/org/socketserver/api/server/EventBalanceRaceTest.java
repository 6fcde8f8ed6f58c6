package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.socketserver.api.Deadline;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Limits;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerStats;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;

/** Every request has one start and one stop and is counted once, even if several of its endings race. */
class EventBalanceRaceTest {
    @RegisterExtension
    final QuietLog log = new QuietLog();

    /** The planned ending of a request; other endings can race with it. */
    private enum Ending {
        DONE,
        THROW,
        ERROR,
        PEER_LEAVES,
        READ_DEADLINE,
        REQUEST_DEADLINE,
        CLOSED_BY_THE_HANDLER,
        CLOSED_FROM_OUTSIDE,
        NOT_VERIFIED,
        DENIED,
        NO_THREAD
    }

    /** Counts the events of each request. */
    private static final class Balance implements RequestListener {
        final Map<Request, AtomicInteger> starts = new ConcurrentHashMap<>();
        final Map<Request, AtomicInteger> stops = new ConcurrentHashMap<>();

        @Override
        public void requestStarted(Request request) {
            starts.computeIfAbsent(request, key -> new AtomicInteger()).incrementAndGet();
        }

        @Override
        public void requestStopped(Request request, RequestEnd end) {
            stops.computeIfAbsent(request, key -> new AtomicInteger()).incrementAndGet();
            assertEquals(
                    end.outcome() == RequestOutcome.REJECTED, end.rejection().isPresent(), end.toString());
        }

        void check(ServerStats stats) {
            starts.values().forEach(count -> assertEquals(1, count.get()));
            stops.values().forEach(count -> assertEquals(1, count.get()));
            assertEquals(starts.keySet(), stops.keySet());
            assertEquals(starts.size(), stats.accepted());
            assertEquals(0, stats.active(), stats.toString());
            assertEquals(stats.accepted(), sum(stats.ended()), stats.toString());
            assertEquals(stats.ended(RequestOutcome.REJECTED), sum(stats.rejected()), stats.toString());
            assertEquals(stats.ended(RequestOutcome.TIMED_OUT), sum(stats.timedOut()), stats.toString());
        }

        private static long sum(Map<?, Long> counts) {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** A connection and its planned ending. */
    private static final class Plan {
        final MemoryConnection connection = new MemoryConnection();
        final Ending ending;
        final Random random;

        Plan(Random random) {
            this.random = new Random(random.nextLong());
            ending = Ending.values()[random.nextInt(Ending.values().length)];
        }

        void handle(StreamRequest request) throws Exception {
            Race.pause(random);
            switch (ending) {
                case THROW -> throw new IllegalStateException("on purpose");
                case ERROR -> throw new StackOverflowError("on purpose");
                case READ_DEADLINE -> request.deadline(Deadline.READ, Duration.ofMillis(1));
                case CLOSED_BY_THE_HANDLER -> request.close();
                default -> {}
            }
            if (ending != Ending.DONE) {
                request.input().read();
            }
        }

        void peer() throws Exception {
            Race.pause(random);
            if (ending == Ending.PEER_LEAVES) {
                connection.readFailure = new IOException("Connection reset by peer");
                connection.toServer.end();
            }
        }
    }

    /** Runs each request on its own thread. */
    private static final class Threads implements MixIn {
        private final Map<Request, Plan> plans;

        Threads(Map<Request, Plan> plans) {
            this.plans = plans;
        }

        @Override
        public void processRequest(RequestTask task) {
            Plan plan = plans.get(task.request());
            if (plan != null && plan.ending == Ending.NO_THREAD) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            Thread thread = new Thread(task, "test request");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static MemoryServer server(Random random, Map<Connection, Plan> byConnection, Map<Request, Plan> plans) {
        ServerOptions options = ServerOptions.DEFAULTS.limits(
                Limits.NONE.perClient(1 + random.nextInt(4)).deny(request -> {
                    Plan plan = plans.get(request);
                    return plan != null && plan.ending == Ending.DENIED;
                }));
        if (random.nextBoolean()) {
            options = options.deadline(Deadline.REQUEST, Duration.ofMillis(1 + random.nextInt(3)));
        }
        MemoryServer server =
                new MemoryServer(
                        HandlerSource.ofFunction(request -> plans.get(request).handle(request)), options) {
                    @Override
                    protected StreamRequest newRequest(Connection connection) {
                        StreamRequest request = super.newRequest(connection);
                        plans.put(request, byConnection.get(connection));
                        return request;
                    }

                    @Override
                    protected boolean verifyRequest(StreamRequest request) {
                        return plans.get(request).ending != Ending.NOT_VERIFIED;
                    }
                };
        if (random.nextInt(3) > 0) {
            server.mixIn(new Threads(plans));
        }
        return server;
    }

    private static void round(Random random) throws Exception {
        Map<Connection, Plan> byConnection = new ConcurrentHashMap<>();
        Map<Request, Plan> plans = new ConcurrentHashMap<>();
        Balance balance = new Balance();
        MemoryServer server = server(random, byConnection, plans);
        server.listener(balance);
        server.start();
        List<Plan> all = new ArrayList<>();
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            Plan plan = new Plan(random);
            byConnection.put(plan.connection, plan);
            all.add(plan);
            server.connect(plan.connection);
        }
        for (Plan plan : all) {
            plan.peer();
        }
        plans.forEach((request, plan) -> {
            if (plan.ending == Ending.CLOSED_FROM_OUTSIDE) {
                request.close();
            }
        });
        server.close(Duration.ofNanos(random.nextInt(2_000_000)));
        assertTrue(
                server.awaitIdle(Duration.ofSeconds(30)),
                () -> server.liveRequests().toString());
        balance.check(server.stats());
    }

    @Test
    void everyRequestHasOneStartAndOneStopAndIsCountedOnce() {
        Race.rounds(3_000, EventBalanceRaceTest::round);
    }
}
