package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.StreamRequest;

/** A server waits only once for a handler that ignores its interrupt, even if it is stopped several times. */
class SecondStopTest {
    @RegisterExtension
    final QuietLog log = new QuietLog();

    private final CountDownLatch busy = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private void ignoreInterrupts(StreamRequest request) {
        busy.countDown();
        while (goOn.getCount() > 0) {
            try {
                goOn.await();
            } catch (InterruptedException ignored) {
                // Keeps waiting.
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAbortedHandlerThatContinuesIsNotWaitedForAgain(boolean onThread) throws Exception {
        MemoryServer server = MemoryServer.of(this::ignoreInterrupts);
        if (onThread) {
            server.mixIn(task -> new Thread(task::run).start());
        }
        server.connect();
        server.start();
        assertTrue(busy.await(20, TimeUnit.SECONDS));
        try {
            assertEquals(1, server.shutdown(Duration.ZERO).running().size());
            long began = System.nanoTime();
            assertEquals(1, server.shutdown(Duration.ofSeconds(30)).running().size());
            server.close(Duration.ofSeconds(30));
            assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(20), "waited again");
        } finally {
            goOn.countDown();
        }
    }
}
