package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.WorkerState;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.mixins.ForkingMixIn;

/** The number of workers, their lifetime, and their reported states. */
@ParameterizedClass(name = "{0}")
@MethodSource("org.socketserver.tests.ForkingSetup#firstStream")
@Timeout(180)
class WorkerPoolTest {
    @Parameter
    ForkingSetup setup;

    private final Set<Long> before = ForkedServer.children();
    private final List<StreamClient> clients = new ArrayList<>();
    private ForkedServer server;

    @AfterEach
    void closesAndLeavesNoProcess() throws IOException {
        for (StreamClient client : clients) {
            client.close();
        }
        server.close();
        assertEquals(before, ForkedServer.children());
        assertEquals(List.of(), server.workers().workers());
    }

    /** Connects, and returns the process id of the worker. The connection stays open. */
    private long connect() throws IOException {
        StreamClient client = server.connect();
        clients.add(client);
        return Long.parseLong(String.valueOf(client.ask("pid")));
    }

    private Map<Long, Integer> requestsByWorker(int requests) throws IOException {
        Map<Long, Integer> counts = new HashMap<>();
        for (int i = 0; i < requests; i++) {
            counts.merge(Long.parseLong(server.ask("pid")), 1, Integer::sum);
        }
        return counts;
    }

    @Test
    void withOneRequestPerChildEachRequestGetsAFreshProcess() throws Exception {
        server = setup.server(
                        Saboteur.class, workers -> workers.requestsPerChild(1).maxChildren(3))
                .start();
        assertEquals(6, requestsByWorker(6).size());
    }

    @Test
    void aWorkerHandlesRequestsPerChildAndNoMore() throws Exception {
        server = setup.server(
                        Saboteur.class,
                        workers -> workers.requestsPerChild(3).minIdle(1).maxChildren(1))
                .start();
        assertEquals(Set.of(3), new HashSet<>(requestsByWorker(9).values()));
    }

    @Test
    void withJitterAWorkerHandlesFewerRequestsButAtLeastOne() throws Exception {
        server = setup.server(
                        Saboteur.class,
                        workers -> workers.requestsPerChild(4)
                                .requestsPerChildJitter(10)
                                .minIdle(1)
                                .maxChildren(1))
                .start();
        Map<Long, Integer> counts = requestsByWorker(16);
        assertTrue(counts.size() >= 4, counts::toString);
        assertTrue(counts.values().stream().allMatch(count -> count >= 1 && count <= 4), counts::toString);
    }

    @Test
    void idleWorkersAboveMinIdleEndAfterTheIdleTimeout() throws Exception {
        server = setup.server(
                        Saboteur.class,
                        workers -> workers.minIdle(1).maxChildren(4).idleTimeout(Duration.ofMillis(300)))
                .start();
        Set<Long> busy = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            busy.add(connect());
        }
        assertEquals(3, busy.size());
        for (StreamClient client : clients) {
            client.close();
        }
        ForkedServer.await(
                () -> server.pids(Phase.IDLE).size() == 1
                        && server.workers().workers().size() == 1,
                server::toString);
        assertEquals("on", server.ask("on"));
    }

    @Test
    void loweringMaxChildrenWhileServingEndsIdleWorkers() throws Exception {
        server = setup.server(Saboteur.class, workers -> workers.minIdle(2).maxChildren(4))
                .start();
        for (int i = 0; i < 3; i++) {
            connect();
        }
        assertEquals(3, server.workers().active());
        server.workers().maxChildren(1);
        assertEquals("busy ones stay", clients.get(2).ask("busy ones stay"));
        for (StreamClient client : clients) {
            client.close();
        }
        ForkedServer.await(() -> server.workers().workers().size() == 1, server::toString);
        assertEquals("on", server.ask("on"));
        assertEquals(1, server.workers().maxChildren());
    }

    @Test
    void raisingMaxChildrenWhileServingServesWaitingRequests() throws Exception {
        server = setup.server(Saboteur.class, workers -> workers.minIdle(1).maxChildren(1))
                .start();
        long first = connect();
        StreamClient waiting = server.connect();
        clients.add(waiting);
        waiting.send("pid");
        server.workers().maxChildren(2);
        long second = Long.parseLong(String.valueOf(waiting.receive()));
        assertFalse(first == second);
    }

    @Test
    @Tag("exhaustive")
    void noMoreThanEightWorkersStartAtOnce() throws Exception {
        server = setup.server(
                        FailingInitialization.class,
                        workers -> workers.minIdle(0).maxChildren(12).systemProperty(FailingInitialization.HANGS, "/"))
                .start();
        for (int i = 0; i < 12; i++) {
            clients.add(server.connect());
        }
        ForkedServer.await(() -> server.workers().active() == 12, server::toString);
        assertEquals(8, server.workers().workers().size());
        server.workers().collectChildren();
        assertEquals(8, server.workers().workers().size());
    }

    @Test
    void startsAndDeathsAreCounted() throws Exception {
        server = setup.server(Saboteur.class, workers -> workers.minIdle(1).maxChildren(1))
                .start();
        server.awaitIdle(1);
        ForkingMixIn workers = server.workers();
        assertEquals(List.of(1L, 0L), List.of(workers.workersStarted(), workers.workersDied()));
        try (StreamClient client = server.connect()) {
            client.send("exit 3");
            assertTrue(client.isAtEnd());
        }
        server.events().awaitEnds(1);
        ForkedServer.await(() -> workers.workersDied() == 1, server::toString);
        server.awaitIdle(1);
        assertEquals("served", server.ask("served"));
        server.server().close();
        assertEquals(List.of(2L, 1L), List.of(workers.workersStarted(), workers.workersDied()));
    }

    @Test
    void theReportedStatesOfWorkersAreAccurate() throws Exception {
        server = setup.server(Saboteur.class, workers -> workers.minIdle(1).maxChildren(4))
                .start();
        assertEquals(Set.of(), server.workers().activeChildren());
        Set<Long> busy = Set.of(connect(), connect());
        assertEquals(busy, server.workers().activeChildren());
        assertEquals(2, server.workers().active());
        for (WorkerState worker : server.workers().workers()) {
            assertEquals(busy.contains(worker.pid()), worker.phase() == Phase.BUSY, worker::toString);
            assertEquals(busy.contains(worker.pid()), worker.peer().isPresent(), worker::toString);
            if (busy.contains(worker.pid())) {
                assertEquals(1, worker.requests());
                assertFalse(worker.age().isZero());
            }
        }
        for (StreamClient client : clients) {
            client.close();
        }
        server.awaitIdle(1);
        assertEquals(Set.of(), server.workers().activeChildren());
        assertEquals(0, server.workers().active());
        Set<Long> all = new HashSet<>(ForkedServer.children());
        all.removeAll(before);
        assertEquals(all, new HashSet<>(server.pids(Phase.IDLE)));
    }
}
