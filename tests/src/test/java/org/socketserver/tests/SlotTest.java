package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.Limits;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RemoteHandling;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.ThreadingMixIn;

/** A request returns its slot and its place in the limit for each client, however it ends. */
@EachThreadedSetup
class SlotTest extends ServingTest {
    private final CountDownLatch inside = new CountDownLatch(1);
    private ThreadingMixIn threading;
    private BaseServer<?> server;

    /**
     * Starts a server with one slot and a limit of one for each client. The first request gets the given handler, the
     * others an answer.
     */
    private void serve(RequestHandler<Request> first) throws Exception {
        serve(first, false);
    }

    private void serve(RequestHandler<Request> first, boolean namesFail) throws Exception {
        threading = setup.concurrency().threading().maxConcurrent(1);
        server = plainServer(
                () -> request -> {
                    if (inside.getCount() > 0) {
                        inside.countDown();
                        first.handle(request);
                    } else {
                        Handlers.ONE_LINE.handle(request);
                    }
                },
                options().limits(Limits.NONE.perClient(1)).deadline(Deadline.REQUEST, Duration.ofSeconds(30)));
        hooks.around("clientKey", (proceed, request) -> "everybody");
        server.mixIn(namesFail ? new Nameless(threading) : threading);
        server.start();
    }

    /** Waits for the end of the first request and checks that the next is served. */
    private RequestEnd awaitEndAndNextServed() throws Exception {
        RequestEnd end = events.awaitEnds(1).get(0);
        assertEquals("got next", client(server).ask("next"));
        List<RequestEnd> ends = events.awaitEnds(2);
        assertEquals(2, ends.size());
        assertSame(RequestOutcome.DONE, ends.get(1).outcome());
        assertEquals(events.started(), events.stopped());
        while (threading.active() > 0) {
            Thread.sleep(1);
        }
        assertTrue(server.awaitIdle(Duration.ofSeconds(20)));
        return end;
    }

    private void assertEndsAs(RequestOutcome outcome) throws Exception {
        assertSame(outcome, awaitEndAndNextServed().outcome());
    }

    @Test
    void isReturnedWhenTheHandlerReturns() throws Exception {
        serve(Handlers.ONE_LINE);
        client(server).send("first");
        assertEndsAs(RequestOutcome.DONE);
    }

    @Test
    void isReturnedWhenTheHandlerThrows() throws Exception {
        serve(request -> {
            throw new IllegalStateException("on purpose");
        });
        provoke(server);
        assertEndsAs(RequestOutcome.FAILED);
    }

    @Test
    void isReturnedWhenTheHandlerThrowsAnErrorAndSoDoesHandleError() throws Exception {
        hooks.before("handleError", () -> {
            throw new OutOfMemoryError("on purpose");
        });
        serve(request -> {
            throw new StackOverflowError("on purpose");
        });
        provoke(server);
        assertEndsAs(RequestOutcome.FAILED);
    }

    @Test
    void isReturnedWhenShutdownRequestAndCloseRequestThrow() throws Exception {
        for (String hook : List.of("shutdownRequest", "closeRequest")) {
            hooks.before(hook, () -> {
                hooks.restore(hook);
                throw new AssertionError("on purpose");
            });
        }
        serve(Handlers.ONE_LINE);
        client(server).send("first");
        assertEndsAs(RequestOutcome.DONE);
    }

    @Test
    void isReturnedWhenTheFactoryThrows() throws Exception {
        threading = setup.concurrency().threading().maxConcurrent(1);
        server = plainServer(
                () -> {
                    if (inside.getCount() > 0) {
                        inside.countDown();
                        throw new LinkageError("on purpose");
                    }
                    return Handlers.ONE_LINE;
                },
                options().limits(Limits.NONE.perClient(1)));
        hooks.around("clientKey", (proceed, request) -> "everybody");
        server.mixIn(threading);
        server.start();
        provoke(server);
        assertEndsAs(RequestOutcome.FAILED);
    }

    @Test
    void isReturnedWhenTheHandlerClosesTheRequest() throws Exception {
        serve(request -> {
            request.close();
            if (setup.isStream()) {
                request.input().read();
            }
        });
        provoke(server);
        assertEndsAs(setup.isStream() ? RequestOutcome.DISCONNECTED : RequestOutcome.DONE);
    }

    @Test
    void isReturnedWhenADeadlineExpires() throws Exception {
        threading = setup.concurrency().threading().maxConcurrent(1);
        server = plainServer(
                () -> request -> {
                    String line = Handlers.line(request);
                    if ("first".equals(line)) {
                        new CountDownLatch(1).await();
                    }
                    Handlers.answer(request, "got " + line);
                },
                // Long enough for the next request on a slow machine.
                options().limits(Limits.NONE.perClient(1)).deadline(Deadline.REQUEST, Duration.ofSeconds(1)));
        hooks.around("clientKey", (proceed, request) -> "everybody");
        server.mixIn(threading);
        server.start();
        client(server).send("first");
        assertEndsAs(RequestOutcome.TIMED_OUT);
    }

    @Test
    void isReturnedWhenAStopAbortsTheRequest() throws Exception {
        serve(request -> new CountDownLatch(1).await());
        provoke(server);
        await(inside);
        assertEquals(1, server.shutdown(Duration.ZERO).forced().size());
        server.start();
        assertEndsAs(RequestOutcome.ABORTED);
    }

    @Test
    void isReturnedWhenVerifyRequestRejects() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> {
            hooks.restore("verifyRequest");
            return false;
        });
        serve(Handlers.ONE_LINE);
        inside.countDown();
        provoke(server);
        assertEndsAs(RequestOutcome.REJECTED);
    }

    @Test
    void isReturnedWhenVerifyRequestThrows() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> {
            hooks.restore("verifyRequest");
            throw new StackOverflowError("on purpose");
        });
        serve(Handlers.ONE_LINE);
        inside.countDown();
        provoke(server);
        assertEndsAs(RequestOutcome.FAILED);
    }

    @Test
    void isReturnedWhenNoThreadCanBeCreated() throws Exception {
        serve(Handlers.ONE_LINE, true);
        inside.countDown();
        provoke(server);
        RequestEnd end = awaitEndAndNextServed();
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertEquals("on purpose: no thread", hooks.failures.remove().thrown().getMessage());
    }

    /** Makes the first thread's name fail, so that its creation fails after its slot was taken. */
    private static final class Nameless implements MixIn {
        private final MixIn threading;
        private boolean named;

        Nameless(MixIn threading) {
            this.threading = threading;
        }

        @Override
        public void attach(Host host) {
            threading.attach(host);
        }

        @Override
        public boolean hasCapacity() {
            return threading.hasCapacity();
        }

        @Override
        public void processRequest(RequestTask task) throws Exception {
            RequestTask given = named ? task : new NamelessTask(task);
            named = true;
            threading.processRequest(given);
        }
    }

    private record NamelessTask(RequestTask task) implements RequestTask {
        @Override
        public void onHandled(Runnable action) {
            task.onHandled(action);
        }

        @Override
        public Request request() {
            return task.request();
        }

        @Override
        public String name() {
            throw new OutOfMemoryError("on purpose: no thread");
        }

        @Override
        public void run() {
            task.run();
        }

        @Override
        public void delegateTo(RemoteHandling handling) {
            task.delegateTo(handling);
        }

        @Override
        public Optional<SocketChannel> channel() {
            return task.channel();
        }

        @Override
        public void detach() throws IOException {
            task.detach();
        }

        @Override
        public void drain() {
            task.drain();
        }

        @Override
        public RequestEnd result() {
            return task.result();
        }
    }
}
