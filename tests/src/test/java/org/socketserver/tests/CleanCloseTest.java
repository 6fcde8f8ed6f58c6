package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestOutcome;

/** A peer reads the whole answer and the end after it, no reset, also when it has sent what nobody read. */
@EachStreamSetup
class CleanCloseTest extends ServingTest {
    private final CountDownLatch sent = new CountDownLatch(1);

    /** Answers when the peer has sent, and reads none of it. */
    private BaseServer<?> answers(byte[] answer) throws Exception {
        return started(request -> {
            sent.await();
            request.output().write(answer);
        });
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private StreamClient thatSends(BaseServer<?> server, int count) throws IOException {
        StreamClient client = connect(server);
        client.write(new byte[count]);
        sent.countDown();
        return client;
    }

    @Test
    void aPeerThatReadsLateGetsTheAnswerAndTheEnd() throws Exception {
        byte[] answer = bytes(40_000);
        StreamClient client = thatSends(answers(answer), 50_000);
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
        assertArrayEquals(answer, client.readAll());
        client.close();
    }

    @Test
    void anAnswerLargerThanAllBuffersArrivesWhole() throws Exception {
        byte[] answer = bytes(8_000_000);
        StreamClient client = thatSends(answers(answer), 50_000);
        assertArrayEquals(answer, client.readAll());
        assertEquals(answer.length, events.awaitEnds(1).get(0).bytesOut());
    }

    @Test
    void aPeerThatGoesOnSendingGetsTheAnswerAndTheEnd() throws Exception {
        byte[] answer = bytes(40_000);
        StreamClient client = thatSends(answers(answer), 50_000);
        AtomicBoolean enough = new AtomicBoolean();
        CountDownLatch afterTheEnd = new CountDownLatch(20);
        FutureTask<Void> sending = inBackground(() -> {
            while (!enough.get()) {
                client.write(new byte[100]);
                if (!events.stopped().isEmpty()) {
                    afterTheEnd.countDown();
                }
                Thread.sleep(1);
            }
        });
        await(afterTheEnd);
        assertArrayEquals(answer, client.readAll());
        enough.set(true);
        await(sending);
    }

    @Test
    void aRequestThatIsReadInPartGetsItsAnswer() throws Exception {
        BaseServer<?> server = started(request -> {
            Handlers.answer(request, "too long: " + Handlers.line(request));
            sent.await();
        });
        StreamClient client = connect(server);
        client.send("first line");
        client.write(new byte[100_000]);
        sent.countDown();
        events.awaitEnds(1);
        assertEquals("too long: first line", client.receive());
        assertTrue(client.isAtEnd());
    }

    @Test
    void aFailingHandlersPeerGetsWhatWasWrittenAndTheEnd() throws Exception {
        BaseServer<?> server = started(request -> {
            sent.await();
            Handlers.answer(request, "sorry");
            throw new IllegalStateException("on purpose");
        });
        StreamClient client = thatSends(server, 50_000);
        events.awaitEnds(1);
        assertEquals("sorry", client.receive());
        assertTrue(client.isAtEnd());
    }

    @Test
    void theCloseOfTheServerLetsItHappen() throws Exception {
        byte[] answer = bytes(40_000);
        BaseServer<?> server = answers(answer);
        StreamClient client = thatSends(server, 50_000);
        events.awaitEnds(1);
        FutureTask<Void> closing = inBackground(server::close);
        assertArrayEquals(answer, client.readAll());
        client.close();
        await(closing);
    }

    @Test
    void aCutIsAbrupt() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        BaseServer<?> server = started(request -> {
            sent.await();
            inside.countDown();
            never.await();
        });
        StreamClient client = thatSends(server, 1_000);
        await(inside);
        server.close(Duration.ZERO);
        assertSame(RequestOutcome.CUT, events.awaitEnds(1).get(0).outcome());
        // Unread bytes were thrown away, of which only a reset tells.
        assertThrows(IOException.class, () -> {
            client.read();
            client.write(new byte[1]);
            client.write(new byte[1]);
        });
    }

    @Test
    void aThreadThatStillReadsIsWokenAndHoldsNobodyUp() throws Exception {
        BlockingQueue<Throwable> woken = box();
        BaseServer<?> server = started(request -> {
            inBackground(() -> woken.add(assertThrows(
                    DisconnectedException.class, () -> request.input().read())));
            while (!request.isWaiting()) {
                Thread.onSpinWait();
            }
            Handlers.answer(request, "left a reader");
        });
        for (int round = 0; round < 3; round++) {
            StreamClient client = connect(server);
            assertEquals("left a reader", client.receive());
            take(woken);
            assertTrue(client.isAtEnd());
        }
        events.awaitEnds(3).forEach(end -> assertSame(RequestOutcome.DONE, end.outcome()));
    }

    @Test
    void aThreadThatBeginsToReadAsTheRequestEndsHoldsNobodyUpEither() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        BlockingQueue<Request> begun = box();
        BaseServer<?> server = started(request -> {
            begun.add(request);
            spin(1_000);
        });
        for (int round = 1; round <= 100; round++) {
            StreamClient client = connect(server);
            Request request = take(begun);
            if (random.nextBoolean()) {
                try {
                    client.write(new byte[100]);
                } catch (IOException endedAlready) {
                    assertTrue(events.awaitEnds(round).size() >= round, "seed " + seed);
                }
            }
            spin(random.nextInt(2_000));
            FutureTask<Void> reading = inBackground(() -> {
                int read = 0;
                while (read >= 0) {
                    read = request.input().read();
                }
            });
            assertTrue(events.awaitEnds(round).size() >= round, "seed " + seed);
            try {
                await(reading);
            } catch (ExecutionException closed) {
                assertSame(DisconnectedException.class, closed.getCause().getClass());
            }
            client.close();
        }
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }
}
