package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.stream.Collectors;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.WorkerState;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ForkingMixIn;

/** A server with workers and everything a test examines. Its log is kept off the console. */
final class ForkedServer implements AutoCloseable {
    static final long PATIENCE_MILLIS = 40_000;

    private final Transport transport;
    private final BaseServer<?> server;
    private final ForkingMixIn workers;
    private final RecordingListener events = new RecordingListener();
    private final Hooks hooks;
    private final CapturedLog log = CapturedLog.begin();

    ForkedServer(Transport transport, BaseServer<?> server, ForkingMixIn workers, Hooks hooks) {
        this.transport = transport;
        this.server = server;
        this.workers = workers;
        this.hooks = hooks;
        server.mixIn(workers);
        server.listener(events);
    }

    ForkedServer start() throws IOException {
        server.start();
        return this;
    }

    BaseServer<?> server() {
        return server;
    }

    ForkingMixIn workers() {
        return workers;
    }

    RecordingListener events() {
        return events;
    }

    Hooks hooks() {
        return hooks;
    }

    Queue<Hooks.Failure> failures() {
        return hooks.failures;
    }

    CapturedLog log() {
        return log;
    }

    Client client() throws IOException {
        return transport.client(server.address());
    }

    StreamClient connect() throws IOException {
        return (StreamClient) client();
    }

    /** Sends one line on a new client and returns the answer. */
    String ask(String line) throws IOException {
        try (Client client = client()) {
            return String.valueOf(client.ask(line));
        }
    }

    /** Waits until the given number of requests have ended, and returns the last end. */
    RequestEnd awaitEnd(int count) throws InterruptedException {
        return events.awaitEnds(count).get(count - 1);
    }

    List<Long> pids(Phase phase) {
        return workers.workers().stream()
                .filter(worker -> worker.phase() == phase)
                .map(WorkerState::pid)
                .toList();
    }

    /** Waits until no request runs, no worker starts or ends, and at least the given number of workers are idle. */
    void awaitIdle(int atLeast) throws InterruptedException {
        await(
                () -> {
                    List<WorkerState> all = workers.workers();
                    return workers.active() == 0
                            && server.liveRequests().isEmpty()
                            && all.size() >= atLeast
                            && all.stream().allMatch(worker -> worker.phase() == Phase.IDLE);
                },
                () -> "not idle: " + this);
    }

    /** Returns the live child processes of this JVM. */
    static Set<Long> children() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    static void await(BooleanSupplier condition, Supplier<String> otherwise) throws InterruptedException {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(ServingTest.millisSince(began) < PATIENCE_MILLIS, otherwise);
            Thread.sleep(10);
        }
    }

    @Override
    public String toString() {
        return server + ", " + workers.workers() + ", " + server.liveRequests() + ", " + hooks.failures + ", "
                + log.messages(Level.INFO);
    }

    @Override
    public void close() {
        try {
            server.close();
        } finally {
            log.close();
        }
    }
}
