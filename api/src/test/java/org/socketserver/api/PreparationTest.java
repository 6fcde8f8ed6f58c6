package org.socketserver.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a server prepares for a lack of descriptors is out of the way of its first answer, and done once. */
class PreparationTest {
    @RegisterExtension
    final QuietLog log = new QuietLog();

    private final MemoryServer server = new MemoryServer(
            HandlerSource.ofFunction(request -> {
                request.input().read();
                request.output().write('a');
            }),
            ServerOptions.builder().pollInterval(Duration.ofMillis(40)).build());
    /** Released by each turn of the accept loop. */
    private final Semaphore turns = new Semaphore(0);

    /** How many requests the server had asked for when it prepared, each time. */
    private final BlockingQueue<Integer> prepared = new LinkedBlockingQueue<>();

    /** Runs requests on the accept loop. */
    private class Prepared implements MixIn {
        @Override
        public void processRequest(RequestTask task) {
            task.run();
        }

        @Override
        public boolean prepareForLack() throws IOException {
            prepared.add(server.fetches.get());
            return true;
        }

        @Override
        public void serviceActions() {
            turns.release();
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void answered(MemoryConnection connection) throws IOException {
        assertEquals("a", connection.sends("q").receives(1));
    }

    @Test
    void itIsDoneWhenNobodyComesAndNotAgain() throws Exception {
        server.mixIn(new Prepared());
        server.start();
        assertEquals(0, prepared.poll(30, TimeUnit.SECONDS), "nobody was asked for before");
        for (int request = 0; request < 20; request++) {
            answered(server.connect());
        }
        server.shutdown();
        server.start();
        answered(server.connect());
        // The first may end the turn of that request; the next ends a whole interval in which nobody came.
        turns.drainPermits();
        turns.acquire(2);
        assertEquals(List.of(), List.copyOf(prepared));
    }

    @Test
    void itIsDoneBeforeTheNinthRequestWhenTheyKeepComing() throws Exception {
        server.mixIn(new Prepared());
        for (int request = 0; request < 20; request++) {
            server.connect().sends("q");
        }
        server.start();
        assertEquals(8, prepared.poll(30, TimeUnit.SECONDS));
        answered(server.connect());
        assertEquals(List.of(), List.copyOf(prepared));
    }

    @Test
    void aPreparationThatFailsIsLoggedOnceAndTriedAgainWhileTheServerServes() throws Exception {
        CountDownLatch tries = new CountDownLatch(3);
        server.mixIn(new Prepared() {
            @Override
            public boolean prepareForLack() throws IOException {
                super.prepareForLack();
                tries.countDown();
                if (tries.getCount() > 0) {
                    throw new IOException("on purpose");
                }
                return true;
            }
        });
        server.start();
        answered(server.connect());
        assertTrue(tries.await(30, TimeUnit.SECONDS));
        answered(server.connect());
        assertEquals(List.of("prepareForLack threw; the server goes on"), log.messages());
    }

    @Test
    void itIsDoneWhenThereIsNoRoomForMore() throws Exception {
        server.mixIn(new Prepared() {
            @Override
            public boolean hasCapacity() {
                return false;
            }
        });
        server.connect();
        server.start();
        assertEquals(0, prepared.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void aStopThatComesInTheFirstWaitEndsAnEndlessOne() throws Exception {
        server.mixIn(new Prepared());
        for (int round = 0; round < 20; round++) {
            Thread serving = new Thread(() -> {
                try {
                    server.handleRequest();
                } catch (IOException failure) {
                    throw new AssertionError(failure);
                }
            });
            serving.start();
            while (server.state() != ServerState.SERVING) {
                Thread.sleep(1);
            }
            // Somewhere in the first wait, up to its very end.
            Thread.sleep(round);
            server.shutdown();
            serving.join(10_000);
            assertFalse(serving.isAlive(), "the stop was not seen");
        }
    }
}
