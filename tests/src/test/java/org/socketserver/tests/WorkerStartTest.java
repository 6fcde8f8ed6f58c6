package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.RequestOutcome;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.WorkerStartException;

/** A worker that fails to start is reported and retried, and finally given up. */
@Timeout(180)
class WorkerStartTest {
    private static final int MAX_FAILURES = 5;
    /** 100 + 200 + 400 + 800. */
    private static final long PAUSES_MILLIS = 1_500;

    @TempDir
    Path folder;

    private final Set<Long> before = ForkedServer.children();

    /** Returns the message of a failed bind, which must leave nothing behind. */
    private String failureOf(UnaryOperator<ForkingMixIn> settings) {
        try (ForkedServer server = ForkingSetup.TCP_RELAY.server(FailingInitialization.class, settings)) {
            WorkerStartException failure = assertThrows(
                    WorkerStartException.class, () -> server.server().bind());
            assertEquals(before, ForkedServer.children());
            assertEquals(List.of(), server.workers().workers());
            return failure.getMessage();
        }
    }

    @Test
    void aHandlerClassThatFailsToInitializeFailsTheBindWithTheReason() {
        String message = failureOf(workers -> workers.systemProperty(FailingInitialization.FAILS, "/"));
        assertTrue(message.contains("it can't make handlers"), message);
        assertTrue(message.contains("java.lang.IllegalStateException: no luck today"), message);
        assertTrue(message.contains("printed before"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+NoSuch", "-Xmx1k", "-XX:MaxMetaspaceSize=1m", "--add-modules=no.such"})
    void anInvalidJvmOptionFailsTheBindWithTheWorkersOutput(String option) {
        String message = failureOf(workers -> workers.workerOption(option));
        assertTrue(message.contains("it printed:\n"), message);
        assertTrue(message.contains("exit status "), message);
    }

    @Test
    void aWorkerThatHangsAtStartupIsKilledAndFailsTheBind() {
        String message = failureOf(workers ->
                workers.systemProperty(FailingInitialization.HANGS, "/").startTimeout(Duration.ofSeconds(2)));
        assertTrue(message.contains("it was not ready after 2000 ms"), message);
    }

    @ParameterizedTest
    @MethodSource("org.socketserver.tests.ForkingSetup#firstStream")
    void aStopEndsARequestThatWaitsForAWorker(ForkingSetup setup) throws Exception {
        try (ForkedServer server = setup.server(
                FailingInitialization.class,
                workers -> workers.minIdle(0).systemProperty(FailingInitialization.HANGS, "/"))) {
            server.start();
            try (StreamClient client = server.connect()) {
                client.send("hello");
                while (server.server().stats().accepted() == 0) {
                    Thread.sleep(1);
                }
                assertEquals(1, server.server().shutdown(Duration.ZERO).forced().size());
                assertEquals(1, server.server().stats().ended(RequestOutcome.ABORTED));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.socketserver.tests.ForkingSetup#firstStream")
    void fiveFailedStartsInARowEndServingAndTheWaitingRequests(ForkingSetup setup) throws Exception {
        Path marker = folder.resolve("marker");
        try (ForkedServer server = setup.server(
                FailingInitialization.class,
                workers -> workers.minIdle(1)
                        .maxChildren(4)
                        .requestsPerChild(1)
                        .systemProperty(FailingInitialization.FAILS, marker.toString()))) {
            server.server().bind();
            server.awaitIdle(1);
            Files.createFile(marker);
            FutureTask<Void> serving =
                    ServingTest.inBackground(() -> server.server().serveForever());
            long began = System.nanoTime();
            List<StreamClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                StreamClient client = server.connect();
                client.send("client " + i);
                clients.add(client);
            }
            assertGivesUp(serving);
            assertTrue(ServingTest.millisSince(began) >= PAUSES_MILLIS);
            assertEquals(1, answers(clients));
            server.events().awaitEnds(clients.size());
            assertEquals(2, server.failures().size(), server::toString);
            server.failures().forEach(lost -> assertInstanceOf(WorkerStartException.class, lost.thrown()));
            assertTrue(tries(server) >= MAX_FAILURES, server::toString);
            Files.delete(marker);
            server.start();
            assertEquals("got again", server.ask("again"));
            assertEquals("got and again", server.ask("and again"));
        }
        assertEquals(before, ForkedServer.children());
    }

    private static long tries(ForkedServer server) {
        return server.log().messages(Level.SEVERE).stream()
                .filter(message -> message.contains("no luck today"))
                .count();
    }

    private static void assertGivesUp(FutureTask<Void> serving) throws Exception {
        ExecutionException ended = assertThrows(ExecutionException.class, () -> serving.get(60, TimeUnit.SECONDS));
        WorkerStartException reason = assertInstanceOf(WorkerStartException.class, ended.getCause());
        assertTrue(
                reason.getMessage().contains("no worker becomes ready, tried " + MAX_FAILURES + " times"),
                reason::getMessage);
        assertTrue(reason.getMessage().contains("no luck today"), reason::getMessage);
    }

    /** Returns how many clients were answered. The others are closed. */
    private static int answers(List<StreamClient> clients) throws IOException {
        int answers = 0;
        for (StreamClient client : clients) {
            try (client) {
                answers += client.receive() == null ? 0 : 1;
            } catch (IOException reset) {
                // Counts as closed.
            }
        }
        return answers;
    }

    @Test
    void anInterruptedBindFailsAndLeavesNoWorker() throws Exception {
        try (ForkedServer server = ForkingSetup.TCP_RELAY.server(
                FailingInitialization.class, workers -> workers.systemProperty(FailingInitialization.HANGS, "/"))) {
            FutureTask<Void> binding = new FutureTask<>(() -> {
                server.server().bind();
                return null;
            });
            Thread binder = new Thread(binding);
            binder.start();
            ForkedServer.await(() -> !ForkedServer.children().equals(before), () -> "no worker was started");
            binder.interrupt();
            ExecutionException failure =
                    assertThrows(ExecutionException.class, () -> binding.get(60, TimeUnit.SECONDS));
            assertInstanceOf(WorkerStartException.class, failure.getCause());
            assertEquals(before, ForkedServer.children());
        }
    }
}
