package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;

/**
 * A handler that is aborted while it reads takes no bytes from a new descriptor with the same number.
 *
 * <p>A race: it runs repeatedly for some seconds, while other threads open descriptors as fast as they can.
 */
class StolenBytesTest {
    private static final int NEIGHBORS = 4;
    private static final int PEERS = 20;
    private static final int BYTES = 10;
    private static final long MILLIS = Setup.EXHAUSTIVE ? 6_000 : 1_000;

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong whole = new AtomicLong();

    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL", "PLATFORM"})
    void anAbortedReadTakesNoBytesOfItsNeighbors(Concurrency concurrency) throws Exception {
        assumeTrue(Transport.UNIX_ABSTRACT.isAvailable() && concurrency.isAvailable());
        List<FutureTask<Void>> neighbors = new ArrayList<>();
        BaseServer<?> server = Transport.UNIX_ABSTRACT.server(
                HandlerSource.<Request>ofFactory(() -> Handlers.UPPER), ServerOptions.DEFAULTS, new Hooks());
        concurrency.mixInto(server);
        try (CapturedLog log = CapturedLog.begin();
                server) {
            for (int i = 0; i < NEIGHBORS; i++) {
                neighbors.add(ServingTest.inBackground(this::keepOpening));
            }
            long began = System.nanoTime();
            while (ServingTest.millisSince(began) < MILLIS) {
                round(server);
            }
            server.close();
            assertTrue(log.drain().stream().noneMatch(message -> message.contains(" threw")));
        } finally {
            over.set(true);
        }
        for (FutureTask<Void> neighbor : neighbors) {
            ServingTest.await(neighbor);
        }
        assertTrue(whole.get() > 100, "too few neighbors to prove anything: " + whole);
    }

    private static void round(BaseServer<?> server) throws Exception {
        server.start();
        List<Client> peers = new ArrayList<>();
        try {
            for (int i = 0; i < PEERS; i++) {
                StreamClient peer = (StreamClient) Transport.UNIX_ABSTRACT.client(server.address());
                peers.add(peer);
                assertEquals("A", peer.ask("a"));
                peer.write(new byte[100_000]);
            }
            server.shutdown(Duration.ZERO);
        } finally {
            for (Client peer : peers) {
                peer.close();
            }
        }
    }

    private void keepOpening() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(2 * BYTES);
        while (!over.get()) {
            Pipe pipe = Pipe.open();
            try (Pipe.SinkChannel sink = pipe.sink();
                    Pipe.SourceChannel source = pipe.source()) {
                sink.write(bytes.clear().limit(BYTES));
                Thread.yield();
                source.configureBlocking(false);
                assertEquals(BYTES, source.read(bytes.clear()), "another thread read this pipe's bytes");
                whole.incrementAndGet();
            }
        }
    }
}
