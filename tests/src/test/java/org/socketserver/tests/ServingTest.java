package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.HandlerException;

/**
 * Base class of tests that serve real clients in one {@link Setup}. Closes everything it opened and keeps the log off
 * the console.
 */
abstract class ServingTest {
    @Parameter
    Setup setup;

    final Hooks hooks = new Hooks();
    final RecordingListener events = new RecordingListener();
    final CapturedLog log = CapturedLog.begin();

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<Gate> gates = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        // First, so that no server waits for a handler at a gate.
        for (Gate gate : gates) {
            gate.open();
        }
        while (!open.isEmpty()) {
            open.pop().close();
        }
        log.close();
    }

    /** Skips a test in which rejected clients are answered, if they can't be. */
    final void assumeRejectedClientsAreAnswered() {
        assumeFalse(setup.transport().isTls(), "a client that is rejected before its handshake gets no answer");
    }

    static ServerOptions options() {
        return ServerOptions.DEFAULTS.grace(Duration.ofSeconds(3));
    }

    final <T extends AutoCloseable> T closeLater(T resource) {
        open.push(resource);
        return resource;
    }

    /** Returns an unbound server with all recorders of this test. */
    final BaseServer<?> server(RequestHandler<Request> handler) {
        return server(() -> handler, options());
    }

    final BaseServer<?> server(RequestHandler<Request> handler, ServerOptions options) {
        return server(() -> handler, options);
    }

    final BaseServer<?> server(Supplier<? extends RequestHandler<Request>> handlers, ServerOptions options) {
        BaseServer<?> server = plainServer(handlers, options);
        mixInto(server);
        return server;
    }

    /** Returns such a server with a new handler for each request, which may run in another process. */
    final BaseServer<?> server(Class<? extends RequestHandler<? extends Request>> handler) {
        return server(handler, options());
    }

    final BaseServer<?> server(Class<? extends RequestHandler<? extends Request>> handler, ServerOptions options) {
        BaseServer<?> server = plainServer(handler, options);
        mixInto(server);
        return server;
    }

    /** Returns such a server with a limit of concurrent requests. */
    final BaseServer<?> server(
            Class<? extends RequestHandler<? extends Request>> handler, ServerOptions options, Bounded bounded) {
        BaseServer<?> server = plainServer(handler, options);
        server.mixIn(bounded.mixIn());
        return server;
    }

    void mixInto(BaseServer<?> server) {
        setup.concurrency().mixInto(server);
    }

    /** Returns such a server without a mix-in. */
    final BaseServer<?> plainServer(Supplier<? extends RequestHandler<Request>> handlers, ServerOptions options) {
        return plainServer(HandlerSource.<Request>ofFactory(handlers::get), options);
    }

    @SuppressWarnings("unchecked") // the test chooses handlers of this transport
    final BaseServer<?> plainServer(Class<? extends RequestHandler<? extends Request>> handler, ServerOptions options) {
        return plainServer(HandlerSource.ofClass((Class<? extends RequestHandler<Request>>) handler), options);
    }

    private BaseServer<?> plainServer(HandlerSource<?> handlers, ServerOptions options) {
        BaseServer<?> server = closeLater(setup.transport().server(handlers, options, hooks));
        server.listener(events);
        return server;
    }

    final BaseServer<?> started(RequestHandler<Request> handler) throws IOException {
        return started(handler, options());
    }

    final BaseServer<?> started(RequestHandler<Request> handler, ServerOptions options) throws IOException {
        BaseServer<?> server = server(handler, options);
        server.start();
        return server;
    }

    final BaseServer<?> started(Class<? extends RequestHandler<? extends Request>> handler) throws IOException {
        return started(handler, options());
    }

    final BaseServer<?> started(Class<? extends RequestHandler<? extends Request>> handler, ServerOptions options)
            throws IOException {
        BaseServer<?> server = server(handler, options);
        server.start();
        return server;
    }

    final BaseServer<?> started(
            Class<? extends RequestHandler<? extends Request>> handler, ServerOptions options, Bounded bounded)
            throws IOException {
        BaseServer<?> server = server(handler, options, bounded);
        server.start();
        return server;
    }

    /** Returns a gate that stays closed until it is opened or the test ends. */
    final Gate gate() {
        Gate gate = new Gate();
        gates.add(gate);
        return gate;
    }

    /** Returns a client whose {@link ObedientHandler} waits at the given gate. */
    final Client waiting(BaseServer<?> server, Gate gate) throws IOException, InterruptedException {
        return atGate(client(server), "wait", gate);
    }

    /** Sends a command with a gate and waits until the handler has arrived there. Returns the client. */
    static <C extends Client> C atGate(C client, String command, Gate gate) throws IOException, InterruptedException {
        int others = gate.waiting();
        client.send(command + " " + gate);
        gate.awaitWaiting(others + 1);
        return client;
    }

    /**
     * Checks an exception of a handler. It is the exception itself, or for another process a {@link HandlerException}
     * that describes it. Exceptions that the server evaluates keep their type everywhere.
     */
    final void assertThrown(Class<? extends Throwable> type, String message, Throwable thrown) {
        if (thrown instanceof HandlerException remote) {
            assertTrue(setup.isForking(), "thrown in this process, so expected the exception itself");
            assertEquals(type.getName(), remote.className());
            assertEquals(type.getName() + (message.isEmpty() ? "" : ": " + message), remote.getMessage());
        } else {
            boolean anyProtocol = setup.isForking() && ProtocolException.class.isAssignableFrom(type);
            assertSame(anyProtocol ? ProtocolException.class : type, thrown.getClass());
            assertEquals(message, Objects.requireNonNullElse(thrown.getMessage(), ""));
        }
    }

    /** Checks the reported thread of a request. */
    final void assertRunsThere(BaseServer<?> server, String thread) {
        assertTrue(setup.isForking() ? thread.matches("worker \\d+") : thread.startsWith(server.name()), thread);
    }

    final Client client(BaseServer<?> server) throws IOException {
        return closeLater(setup.transport().client(server.address()));
    }

    final StreamClient connect(BaseServer<?> server) throws IOException {
        return (StreamClient) client(server);
    }

    final DatagramClient packets(BaseServer<?> server) throws IOException {
        return (DatagramClient) client(server);
    }

    /** Sends a line to a server that may close the connection without reading it, so that the send may fail. */
    final void provoke(BaseServer<?> server) throws IOException {
        provoke(client(server), "first");
    }

    final void provoke(Client client, String line) throws IOException {
        try {
            client.send(line);
        } catch (IOException closedAlready) {
            assertTrue(setup.isStream(), "sending a packet always succeeds");
        }
    }

    interface Call {
        void run() throws Exception;
    }

    /** Runs a call on its own thread. */
    static FutureTask<Void> inBackground(Call call) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            call.run();
            return null;
        });
        Thread thread = new Thread(task, "test background");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    static void await(FutureTask<?> task) throws Exception {
        task.get(20, TimeUnit.SECONDS);
    }

    static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(20, TimeUnit.SECONDS), "timed out waiting for the latch");
    }

    /** Returns a queue that passes values from a server's thread to the test. */
    static <T> BlockingQueue<T> box() {
        return new LinkedBlockingQueue<>();
    }

    static <T> T take(BlockingQueue<T> box) throws InterruptedException {
        T value = box.poll(20, TimeUnit.SECONDS);
        assertTrue(value != null, "timed out waiting for a value");
        return value;
    }

    static long millisSince(long nanoTime) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
    }
}
