package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** A thread that a handler leaves reading does not outlive its request. */
@EachStreamSetup
class LeftReaderTest extends ServingTest {
    @Test
    void aThreadThatIsStillReadingIsWokenAndDelaysNothing() throws Exception {
        BlockingQueue<Throwable> woken = box();
        BaseServer<?> server = started(request -> {
            inBackground(() -> woken.add(assertThrows(
                    DisconnectedException.class, () -> request.input().read())));
            while (!request.isWaiting()) {
                Thread.sleep(1);
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
    void aThreadThatStartsToReadAsTheRequestEndsDelaysNothing() throws Exception {
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
