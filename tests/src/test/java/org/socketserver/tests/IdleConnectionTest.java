package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** A stop ends idle connections at once, with an ordinary end of input, and lets those with a pending answer finish. */
@EachStreamWay
class IdleConnectionTest extends ServingTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final long SOON_MILLIS = 5_000;

    private void assertEndsAtOnce(BaseServer<?> server, StreamClient client) throws Exception {
        long began = System.nanoTime();
        ShutdownReport report = server.shutdown(LONG);
        assertTrue(millisSince(began) < SOON_MILLIS, millisSince(began) + " ms");
        assertTrue(report.isClean(), report.toString());
        assertTrue(client.isAtEnd());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
        assertTrue(hooks.failures.isEmpty());
    }

    @Test
    void aSilentConnectionEndsAtOnce() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        StreamClient silent = connect(server);
        hooks.await("finishRequest", 1);
        assertEndsAtOnce(server, silent);
    }

    @Test
    void anAnsweredConnectionEndsAtOnce() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        StreamClient client = connect(server);
        assertEquals("ANSWERED", client.ask("answered"));
        assertEndsAtOnce(server, client);
    }

    @Test
    void aConnectionWithALongReadDeadlineEndsAtOnce() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, options().deadline(Deadline.READ, Duration.ofSeconds(30)));
        StreamClient client = connect(server);
        assertEquals("ANSWERED", client.ask("answered"));
        assertEndsAtOnce(server, client);
    }

    /** Sends a greeting, and a goodbye when a stop has ended the input. */
    static final class Polite implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws IOException {
            Handlers.answer(request, "hello");
            assertNull(Handlers.line(request));
            assertTrue(request.server().isStopping());
            Handlers.answer(request, "goodbye");
        }
    }

    @Test
    void theHandlerSeesAnOrdinaryEndOfInputAndCanAnswer() throws Exception {
        BaseServer<?> server = started(Polite.class);
        StreamClient client = connect(server);
        assertEquals("hello", client.receive());
        server.shutdown(LONG);
        assertEquals("goodbye", client.receive());
        assertTrue(client.isAtEnd());
    }

    @Test
    void aConnectionThatBecomesIdleDuringTheGraceEndsThen() throws Exception {
        Gate goOn = gate();
        BaseServer<?> server = started(ObedientHandler.class);
        StreamClient client = atGate(connect(server), "wait", goOn);
        BlockingQueue<ShutdownReport> reports = box();
        var stopping = inBackground(() -> reports.add(server.shutdown(LONG)));
        while (!server.isStopping()) {
            Thread.sleep(1);
        }
        goOn.open();
        await(stopping);
        assertEquals("went on", client.receive());
        assertTrue(client.isAtEnd());
        assertEquals(1, take(reports).drained());
    }

    @Test
    void anUnreadRequestThatHasArrivedIsAnswered() throws Exception {
        Gate goOn = gate();
        BaseServer<?> server = started(ObedientHandler.class);
        StreamClient client = connect(server);
        client.write(("before " + goOn + "\nupper sent before the stop\n").getBytes("US-ASCII"));
        goOn.awaitWaiting(1);
        BlockingQueue<ShutdownReport> reports = box();
        var stopping = inBackground(() -> reports.add(server.shutdown(LONG)));
        while (!server.isStopping()) {
            Thread.sleep(1);
        }
        Thread.sleep(50);
        goOn.open();
        assertEquals("SENT BEFORE THE STOP", client.receive());
        assertTrue(client.isAtEnd());
        await(stopping);
        assertTrue(take(reports).isClean());
    }

    @Test
    void aConnectionThatIsNeverSilentEndsAfterItsPendingAnswer() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        StreamClient client = connect(server);
        CountDownLatch talking = new CountDownLatch(100);
        var asking = inBackground(() -> {
            String answer = "";
            while (answer != null) {
                client.send("next");
                answer = client.receive();
                talking.countDown();
            }
        });
        await(talking);
        long began = System.nanoTime();
        assertTrue(server.shutdown(LONG).isClean());
        assertTrue(millisSince(began) < SOON_MILLIS, millisSince(began) + " ms");
        try {
            await(asking);
        } catch (ExecutionException closedWhileSending) {
            assertTrue(closedWhileSending.getCause() instanceof IOException, closedWhileSending.toString());
        }
    }

    @Test
    void aConnectionInTheMiddleOfARequestMayFinishIt() throws Exception {
        Gate half = gate();
        BaseServer<?> server = started(ObedientHandler.class);
        StreamClient client = connect(server);
        client.write(("middle " + half + "\na").getBytes("US-ASCII"));
        half.awaitWaiting(1);
        BlockingQueue<ShutdownReport> reports = box();
        var stopping = inBackground(() -> reports.add(server.shutdown(LONG)));
        while (!server.isStopping()) {
            Thread.sleep(1);
        }
        Thread.sleep(50);
        client.send("bc");
        assertEquals("rest bc after a", client.receive());
        await(stopping);
        assertTrue(take(reports).isClean());
    }

    @Test
    void closeWhileAClientIsSilentIsBounded() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class, options().grace(Duration.ofMillis(100)));
        StreamClient client = connect(server);
        // Half a line: busy forever.
        Gate half = gate();
        client.write(("deadline READ 0;middle " + half + "\na").getBytes("US-ASCII"));
        half.awaitWaiting(1);
        long began = System.nanoTime();
        server.close();
        long took = millisSince(began);
        assertTrue(took >= 100 && took < SOON_MILLIS, took + " ms");
        assertSame(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
    }
}
