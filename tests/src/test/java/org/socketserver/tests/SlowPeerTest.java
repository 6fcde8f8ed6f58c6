package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** Deadlines end peers that do nothing. A slow peer that makes progress is served to the end. */
@SomeStreamSetups
class SlowPeerTest extends DeadlineTest {
    @Test
    void aPeerThatKeepsSendingIsNotTimedOut() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER, options().deadline(Deadline.READ, Duration.ofMillis(400)));
        StreamClient client = connect(server);
        long began = System.nanoTime();
        while (millisSince(began) < 600) {
            assertEquals("ON", client.ask("on"));
        }
    }

    @Test
    void aPeerWhoseBytesTrickleInIsNotIdle() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER, only(Deadline.IDLE, 1_000));
        StreamClient client = connect(server);
        long began = System.nanoTime();
        int count = 0;
        for (; millisSince(began) < 1_500; count++) {
            client.write(new byte[] {'a'});
            pause(20);
        }
        client.send("");
        assertEquals("A".repeat(count), client.receive());
    }

    @Test
    void theHandlersTimeDoesNotCountAsThePeersSilence() throws Exception {
        BlockingQueue<Long> reads = box();
        BaseServer<?> server = started(
                request -> {
                    String first = Handlers.line(request);
                    pause(500);
                    reads.add(System.nanoTime());
                    Handlers.answer(request, first + Handlers.line(request));
                },
                only(Deadline.IDLE, 300));
        connect(server).send("one of two");
        long reading = take(reads);
        events.awaitEnds(1);
        assertNotBefore(300, reading);
        assertEquals(1, server.stats().timedOut(Deadline.IDLE));
    }

    @Test
    void afterTheFirstByteItsDeadlineNoLongerApplies() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER, only(Deadline.FIRST_BYTE, 1_000));
        StreamClient client = connect(server);
        assertEquals("ON TIME", client.ask("on time"));
        pause(1_300);
        assertEquals("AND LATER", client.ask("and later"));
    }

    @Test
    void aFirstByteThatArrivedBeforeALateReadIsRead() throws Exception {
        BaseServer<?> server = started(
                request -> {
                    pause(200);
                    Handlers.ONE_LINE.handle(request);
                },
                only(Deadline.FIRST_BYTE, 100));
        assertEquals("got it", connect(server).ask("it"));
    }

    @Test
    void aPeerThatReadsSlowlyIsNotTimedOut() throws Exception {
        byte[] much = new byte[4_000_000];
        BaseServer<?> server = started(
                request -> request.output().write(much), options().deadline(Deadline.WRITE, Duration.ofMillis(500)));
        StreamClient slow = connect(server);
        int count = 0;
        long began = System.nanoTime();
        while (slow.read() >= 0) {
            count++;
            if (count % 500_000 == 0) {
                Thread.sleep(90);
            }
        }
        assertEquals(much.length, count);
        assertTrue(millisSince(began) > 500);
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
