package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;

/**
 * Replies that wait for a full queue of their receiver hold no slot of the mix-in, so they have their own limit.
 * Otherwise
 * receivers that read nothing could make a server use any number of threads.
 */
class WaitingRepliesTest {
    private static final int BOUND = 1_024;
    private static final int SENT = BOUND + 50;

    private final CountDownLatch room = new CountDownLatch(1);
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger fetched = new AtomicInteger();
    private final AtomicInteger replied = new AtomicInteger();

    /** A datagram transport whose replies wait for {@link #room}. */
    private final class Packets extends BaseServer<DatagramRequest> {
        private final Semaphore wake = new Semaphore(0);

        Packets() {
            super(
                    MemoryConnection.SERVER,
                    HandlerSource.ofFunction(request -> request.output().write('r')),
                    ServerOptions.DEFAULTS);
        }

        @Override
        public String transport() {
            return "memory";
        }

        @Override
        protected SocketAddress serverBind() {
            return MemoryConnection.SERVER;
        }

        @Override
        protected void serverClose() {}

        @Override
        protected boolean awaitReady(long millis) {
            return fetched.get() < SENT || wake.tryAcquire();
        }

        @Override
        protected void wakeupTransport() {
            wake.release();
        }

        @Override
        protected DatagramRequest getRequest() {
            if (fetched.get() == SENT) {
                return null;
            }
            fetched.incrementAndGet();
            return new PacketRequest(new byte[0], false, MemoryConnection.CLIENT, this, 100, (bytes, target) -> {
                waiting.incrementAndGet();
                try {
                    room.await();
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                }
                replied.incrementAndGet();
            });
        }
    }

    @Test
    void theNumberOfWaitingRepliesIsLimited() throws Exception {
        try (var server = new Packets()) {
            // A mix-in without a limit, which takes the next request when the reply of this one waits.
            AtomicInteger handed = new AtomicInteger();
            server.mixIn(task -> {
                Thread thread = new Thread(null, task, "test request", 128 * 1024);
                thread.setDaemon(true);
                thread.start();
                awaitAtLeast(waiting, handed.incrementAndGet());
            });
            server.start();
            awaitAtLeast(waiting, BOUND);
            // Time for further requests, which would be a failure.
            Thread.sleep(100);
            assertEquals(BOUND, fetched.get());
            room.countDown();
            awaitAtLeast(replied, SENT);
            assertEquals(SENT, fetched.get());
        }
    }

    private static void awaitAtLeast(AtomicInteger count, int least) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (count.get() < least) {
            assertTrue(System.nanoTime() < end, count + " of " + least);
            LockSupport.parkNanos(50_000);
        }
    }
}
