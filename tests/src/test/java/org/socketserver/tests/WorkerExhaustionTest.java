package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server with workers whose process lacks file descriptors for another worker closes no descriptor that is not its
 * own, continues with its workers, logs one warning, and starts workers as soon as descriptors are free.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("setups")
@EnabledOnOs(value = OS.LINUX, disabledReason = "looks at the descriptors of another process in /proc")
@Timeout(180)
class WorkerExhaustionTest {
    /**
     * With so few descriptors, the JDK fails to start a process and closes descriptors that are not its own. Starting
     * one needs eleven.
     */
    private static final int SPARE = 6;

    /** Three times the time in which the back-off reaches its longest pause. */
    private static final long LACK_MILLIS = 1_000;

    private static final long PATIENCE_MILLIS = 30_000;
    private static final int CLIENTS = 40;
    private static final long LOAD_MILLIS = 10_000;

    @Parameter
    Setup setup;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private StarvingProcess server;

    static Stream<Setup> setups() {
        return Stream.of(
                new Setup(Transport.TCP, Concurrency.FORKING_DESCRIPTOR),
                new Setup(Transport.UNIX_ABSTRACT, Concurrency.FORKING_DESCRIPTOR),
                new Setup(Transport.TCP, Concurrency.FORKING_RELAY));
    }

    @BeforeEach
    void start() throws Exception {
        server = new StarvingProcess(setup);
        open.push(server);
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private Peer connect() throws IOException {
        Peer peer = new Peer(server.address());
        open.push(peer);
        return peer;
    }

    private void leave() throws Exception {
        while (open.size() > 1) {
            open.pop().close();
        }
    }

    private void await(Callable<Boolean> condition, String otherwise) throws Exception {
        long began = System.nanoTime();
        while (!condition.call()) {
            assertTrue(
                    ServingTest.millisSince(began) < PATIENCE_MILLIS,
                    () -> otherwise + ": " + server.workers() + " workers, " + server.descriptors() + " descriptors, "
                            + server.log());
            Thread.sleep(5);
        }
    }

    /** Checks that the JVM's descriptors are open, that none leaked, and that one warning was logged. */
    private void assertNothingLostOrLeaked(Map<Integer, String> owned, int descriptors) throws Exception {
        await(() -> server.workers() == 1 && server.descriptors() <= descriptors, "not back to the initial state");
        server.assertStillOpen(owned);
        List<String> lacks = server.log().stream()
                .filter(line -> line.contains("no file descriptors for another worker"))
                .toList();
        assertEquals(1, lacks.size(), () -> server.log().toString());
        for (String line : server.log()) {
            assertTrue(
                    line.startsWith("INFO ") || line.startsWith("WARNING "),
                    () -> server.log().toString());
        }
    }

    @Test
    void withoutDescriptorsForAnotherWorkerNoForeignDescriptorIsClosedAndServingContinues() throws Exception {
        Peer first = connect();
        first.exchange("warm", PATIENCE_MILLIS);
        await(() -> server.workers() == 2, "no idle worker was started");
        leave();
        await(() -> server.workers() == 1, "the other worker does not exit");
        Map<Integer, String> owned = server.ownedByTheJvm();
        int descriptors = server.descriptors();

        server.hold(SPARE);
        Peer inside = connect();
        inside.exchange("has the worker", PATIENCE_MILLIS);
        Peer waiting = connect();
        waiting.send("waits\n");
        await(
                () -> server.log().stream().anyMatch(line -> line.contains("no file descriptors")),
                "no shortage was logged");
        long began = System.nanoTime();
        while (ServingTest.millisSince(began) < LACK_MILLIS) {
            inside.exchange("continues", PATIENCE_MILLIS);
            Thread.sleep(20);
        }
        assertEquals(-2, waiting.poll(), "no worker is free for it");
        assertEquals(1, server.workers());
        server.assertStillOpen(owned);

        server.free();
        assertEquals('w', waiting.read(PATIENCE_MILLIS));
        inside.exchange("still there", PATIENCE_MILLIS);
        leave();
        assertNothingLostOrLeaked(owned, descriptors);
    }

    @Test
    void withoutDescriptorsForAnyWorkerRequestsFailInTimeAndServingContinues() throws Exception {
        assumeTrue(setup.equals(setups().iterator().next()), "the same for all setups");
        server.hold(SPARE);
        server.killWorkers();
        await(() -> server.workers() == 0, "a worker is alive");
        Peer waiting = connect();
        waiting.send("waits\n");
        // The waiting requests hold descriptors that a worker needs.
        assertTrue(waiting.isEndedWithin(PATIENCE_MILLIS), () -> server.log() + ", " + server.descriptors());
        server.free();
        connect().exchange("after it", PATIENCE_MILLIS);
    }

    /** Reproduces an attack that used to end the server, or to close its standard input and jar files. */
    @Test
    @Tag("exhaustive")
    void withMoreClientsThanDescriptorsAllAreServedAndNoForeignDescriptorIsClosed() throws Exception {
        Peer first = connect();
        first.exchange("warm", PATIENCE_MILLIS);
        leave();
        await(() -> server.workers() == 1, "the other worker does not exit");
        Map<Integer, String> owned = server.ownedByTheJvm();
        int descriptors = server.descriptors();
        // Leaves as many descriptors as a limit of 110.
        server.hold(StarvingProcess.DESCRIPTORS - descriptors - 50);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            long end = System.nanoTime() + LOAD_MILLIS * 1_000_000;
            List<Future<Integer>> counts = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                counts.add(clients.submit(() -> exchangesUntil(end)));
            }
            for (Future<Integer> count : counts) {
                assertTrue(count.get() > 0);
            }
        } finally {
            clients.shutdownNow();
        }
        server.free();
        connect().exchange("after it", PATIENCE_MILLIS);
        leave();
        assertNothingLostOrLeaked(owned, descriptors);
    }

    /**
     * Returns how often a client was served. It is disconnected if there is no descriptor for its connection, and then
     * connects again.
     */
    private int exchangesUntil(long end) throws Exception {
        int count = 0;
        do {
            try (Peer peer = new Peer(server.address())) {
                peer.send("client");
                int answer = peer.read(PATIENCE_MILLIS);
                assertTrue(answer == 'c' || answer == -1, () -> "read " + answer);
                count += answer == 'c' ? 1 : 0;
            }
            Thread.sleep(200);
        } while (System.nanoTime() < end);
        return count;
    }
}
