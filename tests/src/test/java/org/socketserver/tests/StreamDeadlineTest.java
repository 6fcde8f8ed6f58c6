package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Deadline;
import org.socketserver.api.ReadTimeoutException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.WriteTimeoutException;

/** Nothing waits for ever because a peer is silent or does not read, on every stream transport and kind of thread. */
@EachStreamSetup
class StreamDeadlineTest extends ServingTest {
    private static final ServerOptions SHORT_READS =
            options().deadline(Deadline.READ, Duration.ofMillis(40)).build();

    private static final ServerOptions SHORT_WRITES =
            options().deadline(Deadline.WRITE, Duration.ofMillis(60)).build();

    /** Writes until it can't any more. */
    private static final RequestHandler<Request> FLOOD = request -> {
        byte[] chunk = new byte[256 * 1024];
        while (true) {
            request.output().write(chunk);
        }
    };

    @Test
    void aReadThatWaitsTooLongThrowsAndTheRequestIsTimedOut() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER, SHORT_READS);
        StreamClient silent = connect(server);
        long began = System.nanoTime();
        assertTrue(silent.isAtEnd());
        assertTrue(millisSince(began) >= 30, millisSince(began) + " ms");
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.TIMED_OUT, end.outcome());
        Hooks.Failure failure = hooks.failures.remove();
        assertInstanceOf(ReadTimeoutException.class, failure.thrown());
        assertTrue(failure.thrown().getMessage().endsWith(" sent nothing for 40 ms"));
        assertTrue(log.messages(Level.WARNING).isEmpty(), "a silent peer is no error of the server");
        StreamClient next = connect(server);
        assertEquals("NEXT", next.ask("next"));
    }

    @Test
    void afterAReadTimeoutTheHandlerCanStillWrite() throws Exception {
        BaseServer<?> server = started(
                request -> {
                    try {
                        Handlers.line(request);
                    } catch (ReadTimeoutException tooLong) {
                        Handlers.answer(request, "too slow");
                        assertThrows(ReadTimeoutException.class, () -> Handlers.line(request));
                        Handlers.answer(request, "goodbye");
                    }
                },
                SHORT_READS);
        StreamClient silent = connect(server);
        assertEquals("too slow", silent.receive());
        assertEquals("goodbye", silent.receive());
        assertTrue(silent.isAtEnd());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }

    @Test
    void aHandlerCanSetItsOwnReadTimeout() throws Exception {
        BaseServer<?> server = started(request -> {
            ((StreamRequest) request).deadline(Deadline.READ, Duration.ofMillis(20));
            Handlers.line(request);
        });
        assertTrue(connect(server).isAtEnd());
        assertSame(RequestOutcome.TIMED_OUT, events.awaitEnds(1).get(0).outcome());
    }

    @Test
    void aPeerThatStopsReadingTimesTheWriteOutAndIsClosed() throws Exception {
        BaseServer<?> server = started(FLOOD, SHORT_WRITES);
        StreamClient lazy = connect(server);
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.TIMED_OUT, end.outcome());
        assertInstanceOf(WriteTimeoutException.class, end.failure().orElseThrow());
        assertTrue(end.failure().orElseThrow().getMessage().endsWith(" took no output for 60 ms"));
        assertTrue(end.bytesOut() > 0);
        assertSame(WriteTimeoutException.class, hooks.failures.remove().thrown().getClass());
        lazy.close();
    }

    @Test
    void theOtherDirectionWorksWhileAReadWaits() throws Exception {
        BlockingQueue<Long> sent = box();
        BaseServer<?> server = started(request -> {
            var writing = inBackground(() -> {
                Handlers.answer(request, "from another thread");
                sent.add(request.bytesOut());
            });
            assertEquals("then this", Handlers.line(request));
            await(writing);
        });
        StreamClient client = connect(server);
        assertEquals("from another thread", client.receive());
        client.send("then this");
        assertEquals(20L, take(sent));
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
