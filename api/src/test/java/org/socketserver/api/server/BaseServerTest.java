package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.MixIn;

/** The server template with an in-memory transport, for failures that sockets do not produce on demand. */
class BaseServerTest {
    @RegisterExtension
    final QuietLog log = new QuietLog();

    private static void echo(StreamRequest request) throws IOException {
        request.input().transferTo(request.output());
    }

    /** Records the ends of requests and the pauses of the accept loop. */
    private static final class Ends implements RequestListener {
        final List<RequestEnd> ends = new CopyOnWriteArrayList<>();
        final List<Duration> pauses = new CopyOnWriteArrayList<>();
        final CountDownLatch first = new CountDownLatch(1);

        @Override
        public void requestStopped(Request request, RequestEnd end) {
            ends.add(end);
            first.countDown();
        }

        @Override
        public void acceptFailed(IOException failure, Duration pause) {
            pauses.add(pause);
        }
    }

    @Test
    void anInMemoryTransportIsServed() throws Exception {
        MemoryServer server = MemoryServer.of(BaseServerTest::echo);
        assertEquals(ServerState.NEW, server.state());
        server.start();
        assertEquals(ServerState.SERVING, server.state());
        assertEquals("memory memory:1", server.name());
        assertEquals("memory memory:1 (SERVING)", server.toString());
        assertEquals("hello", server.connect().sends("hello").ends().receives(5));
        server.shutdown();
        assertEquals(ServerState.BOUND, server.state());
        server.close();
        assertEquals(ServerState.CLOSED, server.state());
    }

    @Test
    void theConstructorOpensNothingAndBindOpensOnce() throws Exception {
        MemoryServer server = MemoryServer.of(BaseServerTest::echo);
        assertEquals(0, server.opened.get());
        server.bind();
        server.bind();
        assertEquals(1, server.opened.get());
        assertEquals(ServerState.BOUND, server.state());
        server.close();
        server.close();
        assertEquals(1, server.released.get());
        assertThrows(IllegalStateException.class, server::bind);
        assertThrows(IllegalStateException.class, server::serveForever);
        assertThrows(IllegalStateException.class, server::start);
        assertThrows(IllegalStateException.class, server::handleRequest);
    }

    @Test
    void aFailedBindReleasesEverything() {
        MemoryServer server = MemoryServer.of(BaseServerTest::echo);
        server.bindFailure = new IOException("taken");
        assertSame(server.bindFailure, assertThrows(IOException.class, server::start));
        assertEquals(1, server.released.get());
        assertEquals(ServerState.NEW, server.state());
    }

    @Test
    void aSecondStartIsRejected() throws Exception {
        try (MemoryServer server = MemoryServer.of(BaseServerTest::echo)) {
            server.start();
            String message =
                    assertThrows(IllegalStateException.class, server::start).getMessage();
            assertEquals("memory memory:1 is served by the thread memory memory:1 accept already", message);
        }
    }

    @Test
    void mixInAndListenerCannotBeSetAfterBind() throws Exception {
        try (MemoryServer server = MemoryServer.of(BaseServerTest::echo)) {
            server.bind();
            assertEquals(
                    "the mix-in of memory memory:1 can be set only before the server is bound",
                    assertThrows(IllegalStateException.class, () -> server.mixIn(MixIn.SYNCHRONOUS))
                            .getMessage());
            assertThrows(IllegalStateException.class, () -> server.listener(new RequestListener() {}));
        }
    }

    @Test
    void mixInAndListenerCannotBeSetAfterClose() {
        MemoryServer server = MemoryServer.of(BaseServerTest::echo);
        server.close();
        String closed = "memory memory:1 is closed; make a new server";
        assertEquals(
                closed,
                assertThrows(IllegalStateException.class, () -> server.mixIn(MixIn.SYNCHRONOUS))
                        .getMessage());
        assertEquals(
                closed,
                assertThrows(IllegalStateException.class, () -> server.listener(new RequestListener() {}))
                        .getMessage());
    }

    @Test
    void resourceExhaustionIsLoggedOnceAndServingContinues() throws Exception {
        Ends ends = new Ends();
        try (MemoryServer server = MemoryServer.of(BaseServerTest::echo)) {
            server.listener(ends);
            for (int i = 0; i < 3; i++) {
                server.fail(new IOException("Too many open files"));
            }
            MemoryConnection client = server.connect();
            server.start();
            assertEquals("on", client.sends("on").ends().receives(2));
            assertEquals(List.of(Duration.ofMillis(10), Duration.ofMillis(20), Duration.ofMillis(40)), ends.pauses);
            assertEquals(
                    1,
                    log.messages().stream()
                            .filter(m -> m.contains("accept failed, retrying"))
                            .count());
        }
    }

    @Test
    void theAcceptLoopDoesNotSpinDuringResourceExhaustion() throws Exception {
        Ends ends = new Ends();
        try (MemoryServer server = MemoryServer.of(BaseServerTest::echo)) {
            server.listener(ends);
            for (int i = 0; i < 100; i++) {
                server.fail(new IOException("Too many open files"));
            }
            server.start();
            while (ends.pauses.size() < 6) {
                Thread.sleep(1);
            }
            // The pauses before the sixth failure take at least 10 + 20 + ... + 160 ms.
            assertTrue(server.fetches.get() <= 7, "fetches: " + server.fetches.get());
        }
    }

    @Test
    void acceptingContinuesAtOnceAfterALostClientAndBacksOffAfterAHookThrows() throws Exception {
        Ends ends = new Ends();
        try (MemoryServer server = MemoryServer.of(BaseServerTest::echo)) {
            server.listener(ends);
            server.fail(new IOException("Software caused connection abort"));
            server.fail(new IllegalStateException("a subclass got it wrong"));
            MemoryConnection client = server.connect();
            server.start();
            assertEquals("on", client.sends("on").ends().receives(2));
            assertEquals(List.of(Duration.ZERO, Duration.ofMillis(10)), ends.pauses);
        }
    }

    @Test
    void aFailureOfTheListeningSocketEndsServingWithTheException() throws Exception {
        try (MemoryServer server = MemoryServer.of(BaseServerTest::echo)) {
            IOException lost = new IOException("Bad file descriptor");
            server.fail(lost);
            assertSame(lost, assertThrows(IOException.class, server::serveForever));
            assertEquals(ServerState.BOUND, server.state());
            server.fail(lost);
            server.start();
            while (server.state() != ServerState.BOUND) {
                Thread.sleep(1);
            }
            while (log.messages().stream().noneMatch(m -> m.endsWith("stopped serving: Bad file descriptor"))) {
                Thread.sleep(1);
            }
        }
    }

    @Test
    void aMixInThatThrowsEndsOnlyItsRequest() throws Exception {
        Ends ends = new Ends();
        AtomicInteger errors = new AtomicInteger();
        try (MemoryServer server = new MemoryServer(HandlerSource.ofFunction(BaseServerTest::echo)) {
            @Override
            protected void handleError(StreamRequest request, Throwable failure) {
                assertInstanceOf(OutOfMemoryError.class, failure);
                errors.incrementAndGet();
            }
        }) {
            AtomicInteger count = new AtomicInteger();
            server.listener(ends);
            server.mixIn(task -> {
                if (count.getAndIncrement() == 0) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                task.run();
            });
            MemoryConnection refused = server.connect();
            server.start();
            assertEquals("ok", server.connect().sends("ok").ends().receives(2));
            assertFalse(refused.isOpen());
            assertEquals(1, errors.get());
            assertEquals(RequestOutcome.FAILED, ends.ends.get(0).outcome());
        }
        assertEquals(List.of(RequestOutcome.FAILED, RequestOutcome.DONE), outcomes(ends));
    }

    private static List<RequestOutcome> outcomes(Ends ends) {
        return ends.ends.stream().map(RequestEnd::outcome).toList();
    }

    @Test
    void overriddenProcessAndFinishRequestReportEachRequestOnce() throws Exception {
        Ends ends = new Ends();
        try (MemoryServer server = new MemoryServer(HandlerSource.ofFunction(BaseServerTest::echo)) {
            @Override
            protected void processRequest(StreamRequest request) throws Exception {
                try {
                    finishRequest(request);
                } finally {
                    shutdownRequest(request);
                }
            }

            @Override
            protected void finishRequest(StreamRequest request) throws Exception {
                request.output().write('>');
                super.finishRequest(request);
            }
        }) {
            server.listener(ends);
            server.start();
            assertEquals(">me", server.connect().sends("me").ends().receives(3));
        }
        assertEquals(List.of(RequestOutcome.DONE), outcomes(ends));
        assertEquals(2, ends.ends.get(0).bytesIn());
        assertEquals(3, ends.ends.get(0).bytesOut());
    }

    @Test
    void aRequestIsClosedEvenIfShutdownRequestThrows() throws Exception {
        try (MemoryServer server = new MemoryServer(HandlerSource.ofFunction(BaseServerTest::echo)) {
            @Override
            protected void shutdownRequest(StreamRequest request) {
                throw new IllegalStateException("a subclass got it wrong");
            }
        }) {
            server.start();
            MemoryConnection client = server.connect();
            assertEquals("x", client.sends("x").ends().receives(1));
            while (client.isOpen()) {
                Thread.sleep(1);
            }
            assertEquals("y", server.connect().sends("y").ends().receives(1));
        }
    }

    @Test
    void aStopAbortsAndReportsRequestsAfterTheGracePeriod() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        Ends ends = new Ends();
        MemoryServer server = MemoryServer.of(request -> {
            busy.countDown();
            new CountDownLatch(1).await();
        });
        server.listener(ends);
        server.start();
        server.connect();
        busy.await();
        assertEquals(1, server.liveRequests().size());
        ShutdownReport report = server.shutdown(Duration.ofMillis(20));
        assertEquals(0, report.drained());
        assertEquals(List.of(), report.running());
        LiveRequest aborted = report.forced().get(0);
        assertEquals(MemoryConnection.CLIENT, aborted.clientAddress());
        assertEquals("memory memory:1 accept", aborted.thread());
        assertTrue(
                aborted.stack().stream().anyMatch(frame -> frame.getMethodName().equals("await")), aborted.toString());
        assertEquals(List.of(RequestOutcome.ABORTED), outcomes(ends));
        assertFalse(server.liveRequests().iterator().hasNext());
        server.close();
    }

    @Test
    void aServerCanServeAgainAfterShutdown() throws Exception {
        try (MemoryServer server = MemoryServer.of(BaseServerTest::echo)) {
            server.shutdown();
            assertTrue(server.isStopping());
            for (int round = 0; round < 3; round++) {
                server.start();
                assertFalse(server.isStopping());
                assertEquals("again", server.connect().sends("again").ends().receives(5));
                server.shutdown();
                server.shutdown();
            }
        }
    }

    @Test
    void interruptingTheServingThreadEndsServing() throws Exception {
        try (MemoryServer server = MemoryServer.of(BaseServerTest::echo)) {
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    server.serveForever();
                    interrupted.complete(Thread.currentThread().isInterrupted());
                } catch (IOException failure) {
                    interrupted.completeExceptionally(failure);
                }
            });
            thread.start();
            assertEquals("x", server.connect().sends("x").ends().receives(1));
            thread.interrupt();
            assertTrue(interrupted.get(), "the interrupt is kept for the caller");
        }
    }

    @Test
    void invalidDurationsAreRejectedWithoutBinding() {
        MemoryServer server = MemoryServer.of(BaseServerTest::echo);
        for (Duration interval : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofNanos(1))) {
            assertThrows(IllegalArgumentException.class, () -> server.serveForever(interval));
        }
        assertThrows(IllegalArgumentException.class, () -> server.handleRequest(Duration.ofMillis(-1)));
        assertThrows(IllegalArgumentException.class, () -> server.shutdown(Duration.ofMillis(-1)));
        assertEquals(0, server.opened.get());
    }

    /** Otherwise later clients would hang, because no descriptor would be left to accept and disconnect them. */
    @Test
    void nothingIsAcceptedUntilTheReserveIsRefilled() throws Exception {
        IOException none = new IOException("Too many open files");
        AtomicInteger missing = new AtomicInteger(3);
        List<Integer> fetchesAtRefill = new CopyOnWriteArrayList<>();
        try (MemoryServer server = new MemoryServer(HandlerSource.ofFunction(BaseServerTest::echo)) {
            @Override
            void refillReserve() throws IOException {
                fetchesAtRefill.add(fetches.get());
                if (missing.getAndDecrement() > 0) {
                    throw none;
                }
            }
        }) {
            server.start();
            server.fail(none);
            assertEquals("1", server.connect().sends("1").ends().receives(1));
            assertEquals(
                    List.of(1, 1, 1, 1), fetchesAtRefill.subList(0, 4), "only the first fetch precedes the refill");
        }
    }

    /** The JVM may have used the descriptor for a moment, for example to read a cgroup file. */
    @Test
    void theReserveIsRefilledAfterThePauseEvenIfNobodyConnects() throws Exception {
        IOException none = new IOException("Too many open files");
        CountDownLatch attempts = new CountDownLatch(2);
        try (MemoryServer server = new MemoryServer(HandlerSource.ofFunction(BaseServerTest::echo)) {
            @Override
            void refillReserve() throws IOException {
                attempts.countDown();
                if (attempts.getCount() > 0) {
                    throw none;
                }
            }
        }) {
            server.start();
            server.fail(none);
            assertTrue(attempts.await(20, TimeUnit.SECONDS), "tried only once");
        }
    }
}
