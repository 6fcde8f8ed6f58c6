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

/** However a request ends, its slot at the mix-in comes back, and its place among those of its client. */
@EachThreadedSetup
class SlotTest extends ServingTest {
    private final CountDownLatch inside = new CountDownLatch(1);
    private ThreadingMixIn threading;
    private BaseServer<?> server;

    /** Serves with one slot and one place for each client; the first request gets the handler, the others an answer. */
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

    /** Waits for the end of the first request, and sees the next one served. */
    private RequestEnd endsAndTheNextIsServed() throws Exception {
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

    private void endsAs(RequestOutcome outcome) throws Exception {
        assertSame(outcome, endsAndTheNextIsServed().outcome());
    }

    @Test
    void whenTheHandlerIsDone() throws Exception {
        serve(Handlers.ONE_LINE);
        client(server).send("first");
        endsAs(RequestOutcome.DONE);
    }

    @Test
    void whenTheHandlerThrows() throws Exception {
        serve(request -> {
            throw new IllegalStateException("on purpose");
        });
        provoke(server);
        endsAs(RequestOutcome.FAILED);
    }

    @Test
    void whenTheHandlerThrowsAnErrorAndSoDoesHandleError() throws Exception {
        hooks.before("handleError", () -> {
            throw new OutOfMemoryError("on purpose");
        });
        serve(request -> {
            throw new StackOverflowError("on purpose");
        });
        provoke(server);
        endsAs(RequestOutcome.FAILED);
    }

    @Test
    void whenTheHooksOfTheEndThrow() throws Exception {
        for (String hook : List.of("shutdownRequest", "closeRequest")) {
            hooks.before(hook, () -> {
                hooks.plain(hook);
                throw new AssertionError("on purpose");
            });
        }
        serve(Handlers.ONE_LINE);
        client(server).send("first");
        endsAs(RequestOutcome.DONE);
    }

    @Test
    void whenNoHandlerCanBeMade() throws Exception {
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
        endsAs(RequestOutcome.FAILED);
    }

    @Test
    void whenTheHandlerOrSomebodyElseClosesTheRequest() throws Exception {
        serve(request -> {
            request.close();
            if (setup.isStream()) {
                request.input().read();
            }
        });
        provoke(server);
        endsAs(setup.isStream() ? RequestOutcome.DISCONNECTED : RequestOutcome.DONE);
    }

    @Test
    void whenADeadlineIsOver() throws Exception {
        threading = setup.concurrency().threading().maxConcurrent(1);
        server = plainServer(
                () -> request -> {
                    String line = Handlers.line(request);
                    if ("first".equals(line)) {
                        new CountDownLatch(1).await();
                    }
                    Handlers.answer(request, "got " + line);
                },
                // Long enough for the next one on a machine that is slow.
                options().limits(Limits.NONE.perClient(1)).deadline(Deadline.REQUEST, Duration.ofSeconds(1)));
        hooks.around("clientKey", (proceed, request) -> "everybody");
        server.mixIn(threading);
        server.start();
        client(server).send("first");
        endsAs(RequestOutcome.TIMED_OUT);
    }

    @Test
    void whenAStopCutsIt() throws Exception {
        serve(request -> new CountDownLatch(1).await());
        provoke(server);
        await(inside);
        assertEquals(1, server.shutdown(Duration.ZERO).forced().size());
        server.start();
        endsAs(RequestOutcome.ABORTED);
    }

    @Test
    void whenItIsNotVerified() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> {
            hooks.plain("verifyRequest");
            return false;
        });
        serve(Handlers.ONE_LINE);
        inside.countDown();
        provoke(server);
        endsAs(RequestOutcome.REFUSED);
    }

    @Test
    void whenItsVerificationThrows() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> {
            hooks.plain("verifyRequest");
            throw new StackOverflowError("on purpose");
        });
        serve(Handlers.ONE_LINE);
        inside.countDown();
        provoke(server);
        endsAs(RequestOutcome.FAILED);
    }

    @Test
    void whenItsThreadCannotBeMade() throws Exception {
        serve(Handlers.ONE_LINE, true);
        inside.countDown();
        provoke(server);
        RequestEnd end = endsAndTheNextIsServed();
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertEquals("on purpose: no thread", hooks.failures.remove().thrown().getMessage());
    }

    /** The first thread can't be named, so that making it fails after its slot was taken. */
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
        public RequestEnd end() {
            return task.end();
        }
    }
}
