package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** A test that serves real clients under one {@link Setup}; closes all it opened, and keeps the log off the console. */
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
        // First, so that no server waits for a handler that waits.
        for (Gate gate : gates) {
            gate.open();
        }
        while (!open.isEmpty()) {
            open.pop().close();
        }
        log.close();
    }

    static ServerOptions options() {
        return ServerOptions.DEFAULTS.grace(Duration.ofSeconds(3));
    }

    final <T extends AutoCloseable> T closeLater(T resource) {
        open.push(resource);
        return resource;
    }

    /** A server with all the recorders of this test, not bound yet. */
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

    /** The same with a new handler of a class for each request, which may be in another process. */
    final BaseServer<?> server(Class<? extends RequestHandler<? extends Request>> handler) {
        return server(handler, options());
    }

    final BaseServer<?> server(Class<? extends RequestHandler<? extends Request>> handler, ServerOptions options) {
        BaseServer<?> server = plainServer(handler, options);
        mixInto(server);
        return server;
    }

    /** The same with a bound. */
    final BaseServer<?> server(
            Class<? extends RequestHandler<? extends Request>> handler, ServerOptions options, Bounded bounded) {
        BaseServer<?> server = plainServer(handler, options);
        server.mixIn(bounded.mixIn());
        return server;
    }

    void mixInto(BaseServer<?> server) {
        setup.concurrency().mixInto(server);
    }

    /** Without a mix-in. */
    final BaseServer<?> plainServer(Supplier<? extends RequestHandler<Request>> handlers, ServerOptions options) {
        return plainServer(HandlerSource.<Request>ofFactory(handlers::get), options);
    }

    @SuppressWarnings("unchecked") // Of the kind that the transport has: the test's choice.
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

    /** A gate that is closed until it is opened, or the test has ended. */
    final Gate gate() {
        Gate gate = new Gate();
        gates.add(gate);
        return gate;
    }

    /** A client whose {@link ObedientHandler} waits at that gate. */
    final Client waiting(BaseServer<?> server, Gate gate) throws IOException, InterruptedException {
        return told(client(server), "wait", gate);
    }

    /** A client whose handler has come to that gate, to which it was sent with that word. */
    static <C extends Client> C told(C client, String word, Gate gate) throws IOException, InterruptedException {
        int others = gate.waiting();
        client.send(word + " " + gate);
        gate.awaitWaiting(others + 1);
        return client;
    }

    /**
     * Checks what a handler threw, as it is told here: itself, or of one in another process what {@link HandlerException} says
     * of it. Those that a server decides by are themselves everywhere.
     */
    final void assertThrown(Class<? extends Throwable> type, String message, Throwable thrown) {
        if (thrown instanceof HandlerException told) {
            assertTrue(setup.isForking(), "it was thrown in this process");
            assertEquals(type.getName(), told.className());
            assertEquals(type.getName() + (message.isEmpty() ? "" : ": " + message), told.getMessage());
        } else {
            boolean anyProtocol = setup.isForking() && ProtocolException.class.isAssignableFrom(type);
            assertSame(anyProtocol ? ProtocolException.class : type, thrown.getClass());
            assertEquals(message, Objects.requireNonNullElse(thrown.getMessage(), ""));
        }
    }

    /** Checks where a request is said to run. */
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

    /** Sends a line to a server that may close the connection without reading it, so that the kernel may refuse it. */
    final void provoke(BaseServer<?> server) throws IOException {
        provoke(client(server), "first");
    }

    final void provoke(Client client, String line) throws IOException {
        try {
            client.send(line);
        } catch (IOException closedAlready) {
            assertTrue(setup.isStream(), "packets are always taken");
        }
    }

    /** A call that may throw. */
    interface Call {
        void run() throws Exception;
    }

    /** Runs something on a thread of its own. */
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
        assertTrue(latch.await(20, TimeUnit.SECONDS), "what the test waits for did not happen");
    }

    /** A place to hand values from a server's thread to the test. */
    static <T> BlockingQueue<T> box() {
        return new LinkedBlockingQueue<>();
    }

    static <T> T take(BlockingQueue<T> box) throws InterruptedException {
        T value = box.poll(20, TimeUnit.SECONDS);
        assertTrue(value != null, "what the test waits for did not come");
        return value;
    }

    static long millisSince(long nanoTime) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
    }
}
