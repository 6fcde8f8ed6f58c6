package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RemoteHandling;
import org.socketserver.api.spi.RequestTask;

/** A request whose handler runs elsewhere, for example in a worker process. */
class RemoteHandlingTest {
    private static final List<StackTraceElement> STACK = List.of(new StackTraceElement("a.B", "work", "B.java", 7));

    @RegisterExtension
    final QuietLog log = new QuietLog();

    private final BlockingQueue<RequestTask> tasks = new LinkedBlockingQueue<>();
    private final BlockingQueue<RequestEnd> ends = new LinkedBlockingQueue<>();
    private final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
    private final FakeHandling remote = new FakeHandling();
    private MemoryServer server;

    /** A fake of a remote handler, which ends when the test completes {@link #end}. */
    private static final class FakeHandling implements RemoteHandling {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch drained = new CountDownLatch(1);
        final CompletableFuture<DeadlineException> expired = new CompletableFuture<>();
        final CountDownLatch aborted = new CountDownLatch(1);
        final CompletableFuture<DeadlineException> end = new CompletableFuture<>();
        volatile Exception thrown;
        volatile boolean interrupted;
        volatile boolean abortedBefore;
        volatile boolean waiting;

        @Override
        public DeadlineException handle() throws Exception {
            abortedBefore = aborted.getCount() == 0;
            entered.countDown();
            DeadlineException answered = null;
            try {
                answered = end.get();
            } catch (InterruptedException interrupt) {
                interrupted = true;
                answered = end.join();
            }
            if (thrown != null) {
                throw thrown;
            }
            return answered;
        }

        void throwing(Exception failure) {
            thrown = failure;
            end.complete(null);
        }

        @Override
        public void drain() {
            drained.countDown();
        }

        @Override
        public void expire(DeadlineException reason) {
            expired.complete(reason);
        }

        @Override
        public void abort() {
            aborted.countDown();
            throwing(new IOException("killed"));
        }

        @Override
        public boolean isWaiting() {
            return waiting;
        }

        @Override
        public long bytesIn() {
            return 11;
        }

        @Override
        public long bytesOut() {
            return 22;
        }

        @Override
        public String thread() {
            return "worker 4711";
        }

        @Override
        public List<StackTraceElement> stack() {
            return STACK;
        }
    }

    private MemoryServer serve(ServerOptions options) throws IOException {
        return serve(
                new MemoryServer(
                        HandlerSource.ofFunction(request -> {
                            throw new AssertionError("the handler must not run here");
                        }),
                        options) {
                    @Override
                    protected void handleError(StreamRequest request, Throwable failure) {
                        errors.add(failure);
                    }
                });
    }

    private MemoryServer serve(MemoryServer made) throws IOException {
        server = made;
        server.mixIn((MixIn) tasks::add);
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                ends.add(end);
            }
        });
        server.start();
        return server;
    }

    @AfterEach
    void close() {
        remote.end.complete(null);
        tasks.forEach(RequestTask::run);
        server.close(Duration.ZERO);
    }

    private RequestTask task() throws InterruptedException {
        return tasks.take();
    }

    private Thread running(RequestTask task) throws InterruptedException {
        Thread thread = new Thread(
                () -> {
                    task.delegateTo(remote);
                    task.run();
                },
                "monitor");
        thread.setDaemon(true);
        thread.start();
        remote.entered.await();
        return thread;
    }

    @Test
    void aRemoteHandlerReplacesTheLocalHandler() throws Exception {
        serve(ServerOptions.DEFAULTS);
        MemoryConnection connection = server.connect();
        RequestTask task = task();
        running(task);
        LiveRequest live = server.liveRequests().get(0);
        assertEquals("worker 4711", live.thread());
        assertEquals(STACK, live.stack());
        assertFalse(live.waiting());
        remote.waiting = true;
        assertTrue(server.liveRequests().get(0).waiting());
        assertTrue(task.request().isWaiting());
        remote.end.complete(null);
        RequestEnd end = ends.take();
        assertEquals(RequestOutcome.DONE, end.outcome());
        assertEquals(11, end.bytesIn());
        assertEquals(22, end.bytesOut());
        assertEquals(Optional.empty(), end.failure());
        assertFalse(connection.isOpen());
    }

    @Test
    void anExceptionOfTheRemoteHandlerIsReported() throws Exception {
        serve(ServerOptions.DEFAULTS);
        server.connect();
        running(task());
        IOException failure = new IOException("a worker died");
        remote.throwing(failure);
        assertSame(failure, errors.take());
        RequestEnd end = ends.take();
        assertEquals(RequestOutcome.FAILED, end.outcome());
        assertSame(failure, end.failure().orElseThrow());
    }

    @Test
    void aDeadlineThatTheHandlerCaughtCountsAsTimedOutAndNotAsAnError() throws Exception {
        serve(ServerOptions.DEFAULTS);
        server.connect();
        running(task());
        DeadlineException answered = new DeadlineException(Deadline.READ, "late");
        remote.end.complete(answered);
        RequestEnd end = ends.take();
        assertEquals(RequestOutcome.TIMED_OUT, end.outcome());
        assertSame(answered, end.failure().orElseThrow());
        assertEquals(1L, server.stats().timedOut().get(Deadline.READ));
        assertTrue(errors.isEmpty());
    }

    @Test
    void aStopIsForwardedAndDoesNotTouchTheConnection() throws Exception {
        serve(ServerOptions.DEFAULTS);
        MemoryConnection connection = server.connect();
        running(task());
        CompletableFuture<ShutdownReport> report =
                CompletableFuture.supplyAsync(() -> server.shutdown(Duration.ofSeconds(30)));
        remote.drained.await();
        assertTrue(connection.isOpen());
        assertFalse(connection.outputEnded);
        remote.end.complete(null);
        assertEquals(1, report.get().drained());
        assertEquals(1, remote.aborted.getCount());
    }

    @Test
    void afterTheGracePeriodTheRemoteHandlerIsAborted() throws Exception {
        serve(ServerOptions.DEFAULTS);
        server.connect();
        Thread monitor = running(task());
        ShutdownReport report = server.shutdown(Duration.ZERO);
        assertEquals(0, remote.aborted.getCount());
        LiveRequest forced = report.forced().get(0);
        assertEquals("worker 4711", forced.thread());
        assertEquals(STACK, forced.stack());
        assertEquals(RequestOutcome.ABORTED, ends.take().outcome());
        monitor.join();
        assertFalse(remote.interrupted, "the monitor thread is not the handler");
    }

    @Test
    void theRequestDeadlineIsForwardedAndDoesNotCloseTheConnection() throws Exception {
        serve(ServerOptions.DEFAULTS.deadline(Deadline.REQUEST, Duration.ofMillis(50)));
        MemoryConnection connection = server.connect();
        running(task());
        DeadlineException reason = remote.expired.get(50, TimeUnit.SECONDS);
        assertSame(
                Deadline.REQUEST,
                assertInstanceOf(DeadlineException.class, reason).deadline());
        assertTrue(connection.isOpen(), "the remote handler closes it");
        assertFalse(remote.interrupted);
        remote.end.complete(null);
        RequestEnd end = ends.take();
        assertEquals(RequestOutcome.TIMED_OUT, end.outcome());
        assertSame(reason, end.failure().orElseThrow());
        assertSame(reason, errors.take());
    }

    @Test
    void theDeadlineIsTheReasonIfTheWorkerIsKilledAfterIt() throws Exception {
        serve(ServerOptions.DEFAULTS.deadline(Deadline.REQUEST, Duration.ofMillis(50)));
        server.connect();
        running(task());
        DeadlineException reason = remote.expired.get(50, TimeUnit.SECONDS);
        IOException killed = new IOException("killed");
        remote.throwing(killed);
        assertEquals(RequestOutcome.TIMED_OUT, ends.take().outcome());
        assertSame(reason, errors.take());
        assertSame(killed, reason.getSuppressed()[0]);
    }

    @Test
    void aRequestAbortedBeforeItsDelegationIsAbortedRemotely() throws Exception {
        serve(ServerOptions.DEFAULTS);
        server.connect();
        RequestTask task = task();
        server.shutdown(Duration.ZERO);
        task.delegateTo(remote);
        task.run();
        assertTrue(remote.abortedBefore, "aborted before handle is called");
        assertFalse(remote.interrupted);
        assertEquals(RequestOutcome.ABORTED, ends.take().outcome());
    }

    @Test
    void aRequestThatExpiredBeforeItsDelegationExpiresRemotely() throws Exception {
        serve(ServerOptions.DEFAULTS.deadline(Deadline.REQUEST, Duration.ofMillis(50)));
        MemoryConnection connection = server.connect();
        RequestTask task = task();
        while (connection.isOpen()) {
            Thread.sleep(1);
        }
        remote.end.complete(null);
        task.delegateTo(remote);
        task.run();
        assertSame(
                Deadline.REQUEST,
                assertInstanceOf(DeadlineException.class, remote.expired.getNow(null))
                        .deadline());
        assertFalse(remote.interrupted);
        assertEquals(RequestOutcome.TIMED_OUT, ends.take().outcome());
    }

    @Test
    void anEndDuringTheDelegationDoesNotInterruptTheMonitorThread() throws Exception {
        server = MemoryServer.of(request -> {});
        CountDownLatch expiring = new CountDownLatch(1);
        CountDownLatch handedOver = new CountDownLatch(1);
        StreamRequest request = new ConnectionRequest(
                new MemoryConnection() {
                    @Override
                    public void close() {
                        expiring.countDown();
                        try {
                            handedOver.await();
                        } catch (InterruptedException ended) {
                            Thread.currentThread().interrupt();
                        }
                        super.close();
                    }
                },
                server);
        var dispatcher = new Dispatcher<StreamRequest>(
                server, server, server.handlerSource(), server.options(), new InFlight<>());
        var exchange = new Exchange<>(1, request, server, dispatcher);
        DeadlineException reason = new DeadlineException(Deadline.REQUEST, "late");
        Thread expires = new Thread(() -> exchange.end(new Ending.Expired(reason)));
        expires.start();
        // The deadline has found no remote handler, and would next interrupt a local one.
        expiring.await();
        Thread monitor = running(exchange);
        handedOver.countDown();
        expires.join();
        assertSame(reason, remote.expired.getNow(null));
        remote.end.complete(null);
        monitor.join();
        assertFalse(remote.interrupted);
    }

    @Test
    void onHandledRunsAfterTheRemoteHandlerWithTheEndOfTheRequest() throws Exception {
        serve(ServerOptions.DEFAULTS);
        MemoryConnection connection = server.connect();
        RequestTask task = task();
        CompletableFuture<RequestEnd> known = new CompletableFuture<>();
        CompletableFuture<Boolean> open = new CompletableFuture<>();
        task.onHandled(() -> {
            open.complete(connection.isOpen());
            known.complete(task.result());
        });
        running(task);
        assertFalse(known.isDone());
        remote.throwing(new DisconnectedException("gone", null));
        assertEquals(RequestOutcome.DISCONNECTED, known.get().outcome());
        assertTrue(open.get(), "before the connection is closed");
    }

    @Test
    void aDetachedConnectionIsReleasedWithoutClosingIt() throws Exception {
        serve(new MemoryServer(HandlerSource.ofFunction(request -> {}), ServerOptions.DEFAULTS) {
            @Override
            protected StreamRequest newRequest(Connection connection) {
                return new ConnectionRequest(connection, this);
            }
        });
        CountDownLatch detached = new CountDownLatch(1);
        MemoryConnection connection = server.connect(new MemoryConnection() {
            @Override
            public void detach() {
                detached.countDown();
            }
        });
        RequestTask task = task();
        assertEquals(Optional.empty(), task.channel(), "a connection without a socket");
        task.detach();
        task.detach();
        assertEquals(0, detached.getCount());
        running(task);
        remote.end.complete(null);
        assertEquals(RequestOutcome.DONE, ends.take().outcome());
        assertFalse(connection.outputEnded);
        assertTrue(connection.isOpen(), "the remote handler has it");
    }

    @Test
    void servingEndsWithTheFailureOfAMixInAndCanBeRestarted() throws Exception {
        server = MemoryServer.of(request -> request.output().write('!'));
        IOException reason = new IOException("no workers");
        server.mixIn(new MixIn() {
            @Override
            public void processRequest(RequestTask task) {
                task.run();
                server.endServing(reason);
            }
        });
        server.endServing(reason);
        server.connect();
        assertSame(reason, assertThrows(IOException.class, server::serveForever));
        assertEquals(ServerState.BOUND, server.state());
        MemoryConnection again = server.connect();
        assertSame(reason, assertThrows(IOException.class, server::serveForever));
        assertEquals("!", again.receives(1));
        assertNull(errors.peek());
    }

    @Test
    void theFailureThatEndedServingIsLogged() throws Exception {
        serve(ServerOptions.DEFAULTS);
        server.endServing(new IOException("no workers"));
        while (log.messages().isEmpty()) {
            Thread.sleep(1);
        }
        assertEquals(ServerState.BOUND, server.state());
        assertEquals(List.of(server.name() + " stopped serving: no workers"), log.messages());
    }

    @Test
    void aStopTakesPrecedenceOverTheFailureOfAMixIn() throws Exception {
        server = MemoryServer.of(request -> {});
        server.mixIn(new MixIn() {
            @Override
            public void processRequest(RequestTask task) {
                task.run();
                server.shutdown();
                server.endServing(new IOException("no workers"));
            }
        });
        server.connect();
        server.serveForever();
        assertEquals(ServerState.BOUND, server.state());
    }
}
