package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerStats;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.WhenFull;
import org.socketserver.api.WorkerState;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.ClientMemory;
import org.socketserver.micrometer.SocketServerMetrics;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/** The metrics for Micrometer are those of the server. */
class MetricsTest {
    private static final Pattern SAMPLE = Pattern.compile("(?m)^(socketserver_\\w+)\\{(.*)} (\\S+)$");
    private static final ServerOptions OPTIONS =
            ServerOptions.DEFAULTS.name("metered").grace(Duration.ofSeconds(3));

    private final CapturedLog log = CapturedLog.begin();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Semaphore mayAnswer = new Semaphore(0);
    private final AtomicInteger stopped = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        mayAnswer.release(1_000);
        for (AutoCloseable resource : open) {
            resource.close();
        }
        registry.close();
        log.close();
    }

    private TcpServer server(ServerOptions options) {
        RequestHandler<StreamRequest> handler = this::handle;
        TcpServer server = new TcpServer("127.0.0.1:0", handler, options);
        open.add(0, server);
        server.mixIn(new ThreadingMixIn().maxConcurrent(20));
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                stopped.incrementAndGet();
            }
        });
        return server;
    }

    private void handle(StreamRequest request) throws Exception {
        for (String line = Handlers.line(request); line != null; line = Handlers.line(request)) {
            if (line.equals("fail")) {
                throw new IllegalStateException("as requested");
            }
            if (line.equals("wait")) {
                mayAnswer.acquire();
            }
            Handlers.answer(request, line);
        }
    }

    private static StreamClient client(BaseServer<?> server) throws IOException {
        return new StreamClient(SocketChannel.open(server.address()));
    }

    private static void await(BooleanSupplier condition, Object shown) throws InterruptedException {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(ServingTest.millisSince(began) < 20_000, () -> shown.toString());
            Thread.sleep(1);
        }
    }

    private static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Returns the samples of a scrape: name, tags except {@code server}, value. */
    private Map<String, Double> scrape() {
        Map<String, Double> samples = new TreeMap<>();
        Matcher matcher = SAMPLE.matcher(registry.scrape());
        while (matcher.find()) {
            String tags =
                    matcher.group(2).replaceAll("server=\"metered\",?", "").replaceAll(",$", "");
            samples.put(matcher.group(1) + '{' + tags + '}', Double.parseDouble(matcher.group(3)));
        }
        return samples;
    }

    private double sample(String name) {
        return Objects.requireNonNull(scrape().get(name), name + " is not in " + scrape().keySet());
    }

    private static Map<String, Double> expected(ServerStats stats) {
        Map<String, Double> samples = new TreeMap<>();
        samples.put("socketserver_requests_accepted_total{}", (double) stats.accepted());
        samples.put("socketserver_requests_active{}", (double) stats.active());
        samples.put("socketserver_requests_peak{}", (double) stats.peak());
        samples.put("socketserver_requests_stuck_total{}", (double) stats.stuck());
        samples.put("socketserver_received_bytes_total{}", (double) stats.bytesIn());
        samples.put("socketserver_sent_bytes_total{}", (double) stats.bytesOut());
        samples.put("socketserver_datagrams_truncated_total{}", (double) stats.truncated());
        samples.put("socketserver_datagrams_unanswerable_total{}", (double) stats.unanswerable());
        samples.put("socketserver_accept_failures_total{}", (double) stats.acceptFailures());
        samples.put("socketserver_accept_pauses_seconds_count{}", (double) stats.acceptPauses());
        samples.put(
                "socketserver_accept_pauses_seconds_sum{}", stats.acceptPaused().toNanos() / 1e9);
        samples.put("socketserver_handshakes_active{}", (double) stats.handshakes());
        samples.put("socketserver_workers_started_total{}", (double) stats.workersStarted());
        samples.put("socketserver_workers_died_total{}", (double) stats.workersDied());
        samples.put("socketserver_client_memory_limit_bytes{}", (double) ClientMemory.limit());
        samples.put("socketserver_client_memory_exceeded_total{}", (double) stats.overBudget());
        for (WorkerState.Phase phase : WorkerState.Phase.values()) {
            samples.put("socketserver_workers{state=\"" + text(phase) + "\"}", (double) stats.workers(phase));
        }
        for (RequestOutcome outcome : RequestOutcome.values()) {
            samples.put("socketserver_request_duration_seconds_count{outcome=\"" + text(outcome) + "\"}", (double)
                    stats.ended(outcome));
            switch (outcome) {
                case REJECTED -> {
                    for (Rejection why : Rejection.values()) {
                        samples.put(ended(outcome, text(why)), (double) stats.rejected(why));
                    }
                }
                case TIMED_OUT -> {
                    for (Deadline deadline : Deadline.values()) {
                        samples.put(ended(outcome, text(deadline)), (double) stats.timedOut(deadline));
                    }
                }
                default -> samples.put(ended(outcome, "none"), (double) stats.ended(outcome));
            }
        }
        return samples;
    }

    private static String ended(RequestOutcome outcome, String reason) {
        return "socketserver_requests_total{outcome=\"" + text(outcome) + "\",reason=\"" + reason + "\"}";
    }

    @Test
    void afterManyKindsOfEndsAScrapeEqualsTheStatistics() throws Exception {
        TcpServer server = server(OPTIONS.deadline(Deadline.FIRST_BYTE, Duration.ofMillis(200))
                .limits(Limits.NONE
                        .whenFull(WhenFull.REJECT)
                        .deny(Network.parse("127.0.0.2"))
                        .perClient(8)));
        new SocketServerMetrics(server).bindTo(registry);
        server.start();
        int requests = 0;
        for (int round = 0; round < 10; round++) {
            try (StreamClient good = client(server)) {
                assertEquals("hello", good.ask("hello"));
            }
            try (StreamClient failing = client(server)) {
                failing.send("fail");
                failing.receive();
            }
            try (Client denied = Transport.TCP.clientOf("127.0.0.2", server.address())) {
                assertTrue(isEnded(denied));
            }
            requests += 3;
        }
        try (StreamClient silent = client(server)) {
            assertTrue(isEnded(silent));
        }
        List<StreamClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            StreamClient client = client(server);
            client.send("wait");
            clients.add(client);
        }
        try (StreamClient one = client(server)) {
            assertTrue(isEnded(one), "beyond the limit of a client");
        }
        mayAnswer.release(8);
        for (StreamClient client : clients) {
            assertEquals("wait", client.receive());
            client.close();
        }
        int all = requests + 10;
        // The timer records a request after it was counted.
        await(
                () -> scrape().entrySet().stream()
                                .filter(sample ->
                                        sample.getKey().startsWith("socketserver_request_duration_seconds_count"))
                                .mapToDouble(Map.Entry::getValue)
                                .sum()
                        == all,
                server.stats());
        assertEquals(all, stopped.get(), "the other listener");
        ServerStats stats = server.stats();
        assertTrue(stats.rejected(Rejection.DENIED) == 10 && stats.rejected(Rejection.PER_CLIENT) == 1, "" + stats);
        assertTrue(stats.timedOut(Deadline.FIRST_BYTE) == 1 && stats.ended(RequestOutcome.FAILED) == 10, "" + stats);
        Map<String, Double> scraped = scrape();
        Map<String, Double> compared = new TreeMap<>(expected(stats));
        scraped.keySet().retainAll(compared.keySet());
        assertEquals(compared, scraped);
        server.close();
        assertEquals(all, sample("socketserver_requests_accepted_total{}"), "a closed server has its last values");
    }

    private static boolean isEnded(Client client) {
        try {
            return client.receive() == null;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void bytesAreCountedWhileARequestRuns() throws Exception {
        TcpServer server = server(OPTIONS);
        new SocketServerMetrics(server).bindTo(registry);
        server.start();
        try (StreamClient client = client(server)) {
            assertEquals("first", client.ask("first"));
            assertEquals(1, sample("socketserver_requests_active{}"));
            assertEquals(6, sample("socketserver_received_bytes_total{}"));
            assertEquals(6, sample("socketserver_sent_bytes_total{}"));
            assertEquals("second", client.ask("second"));
            assertEquals(13, sample("socketserver_received_bytes_total{}"));
        }
    }

    @Test
    void handshakesInProgressAreShown() throws Exception {
        TcpServer server = server(OPTIONS);
        server.layer(TestTls.layer());
        new SocketServerMetrics(server).bindTo(registry);
        server.start();
        StreamClient silent = client(server);
        await(() -> sample("socketserver_handshakes_active{}") == 1, server.stats());
        silent.close();
        await(() -> sample("socketserver_handshakes_active{}") == 0, server.stats());
        await(() -> sample(ended(RequestOutcome.REJECTED, "handshake_failed")) == 1, server.stats());
    }

    @Test
    void workerProcessesAreShownByTheirState() throws Exception {
        TcpServer server = new TcpServer("127.0.0.1:0", Handlers.Upper.class, OPTIONS);
        open.add(0, server);
        server.mixIn(new ForkingMixIn().maxChildren(2).minIdle(1));
        new SocketServerMetrics(server).bindTo(registry);
        server.start();
        try (StreamClient client = client(server)) {
            assertEquals("HELLO", client.ask("hello"));
            assertEquals(1, sample("socketserver_workers{state=\"busy\"}"));
            assertTrue(sample("socketserver_workers_started_total{}") >= 1);
            assertEquals(0, sample("socketserver_workers_died_total{}"));
        }
        await(() -> sample("socketserver_workers{state=\"busy\"}") == 0, server.stats());
    }

    @Test
    void closingRemovesAllMetersAndTheServerContinues() throws Exception {
        TcpServer server = server(OPTIONS);
        SocketServerMetrics metrics = new SocketServerMetrics(server);
        MeterRegistry second = new SimpleMeterRegistry();
        metrics.bindTo(registry);
        metrics.bindTo(second);
        metrics.bindTo(second);
        assertFalse(scrape().isEmpty());
        assertEquals(registry.getMeters().size(), second.getMeters().size());
        server.start();
        metrics.close();
        metrics.close();
        assertEquals(List.of(), registry.getMeters());
        assertEquals(List.of(), second.getMeters());
        try (StreamClient client = client(server)) {
            assertEquals("hello", client.ask("hello"));
        }
        await(() -> stopped.get() == 1, server.stats());
        assertThrows(IllegalStateException.class, () -> metrics.bindTo(registry));
    }

    @Test
    void serversAreDistinguishedByTheirTags() throws Exception {
        new SocketServerMetrics(server(OPTIONS)).bindTo(registry);
        var failure = assertThrows(
                IllegalStateException.class, () -> new SocketServerMetrics(server(OPTIONS)).bindTo(registry));
        assertTrue(failure.getMessage().contains("metered"), failure.getMessage());
        new SocketServerMetrics(server(OPTIONS), Tags.of("zone", "b")).bindTo(new SimpleMeterRegistry());
        new SocketServerMetrics(server(OPTIONS), Tags.of("server", "other")).bindTo(registry);
        assertTrue(registry.scrape().contains("server=\"other\""));
        TcpServer bound = server(OPTIONS);
        bound.bind();
        assertThrows(IllegalStateException.class, () -> new SocketServerMetrics(bound));
    }

    @Test
    void aListenerThatThrowsDoesNotKeepOthersFromTheEvent() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        RequestHandler<StreamRequest> handler = this::handle;
        TcpServer server = new TcpServer("127.0.0.1:0", handler, OPTIONS);
        open.add(0, server);
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                throw new IllegalStateException("the first listener");
            }
        });
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                told.countDown();
            }
        });
        server.mixIn(new ThreadingMixIn());
        server.start();
        client(server).close();
        assertTrue(told.await(20, TimeUnit.SECONDS));
    }
}
