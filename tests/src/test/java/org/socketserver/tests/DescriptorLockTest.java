package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.DescriptorLock;
import org.socketserver.tcp.TcpServer;

/**
 * Code that starts processes keeps the servers of its JVM from opening descriptors, but does not block them otherwise.
 */
@Timeout(60)
class DescriptorLockTest {
    private static final long PATIENCE_SECONDS = 20;
    private static final int ROUNDS = 2_000;

    private static BaseServer<?> server(Transport transport, Hooks hooks) {
        return transport.server(() -> Handlers.ONE_LINE, ServerOptions.DEFAULTS, hooks);
    }

    private static String ask(BaseServer<?> server, Transport transport) throws IOException {
        try (Client client = transport.client(server.address())) {
            return String.valueOf(client.ask("hello"));
        }
    }

    @Test
    void noConnectionIsAcceptedDuringAnExclusiveActionAndAllAreServedAfterwards() throws Exception {
        Hooks hooks = new Hooks();
        CompletableFuture<Thread> loop = new CompletableFuture<>();
        hooks.before("getRequest", () -> loop.complete(Thread.currentThread()));
        try (BaseServer<?> server = server(Transport.TCP, hooks);
                BaseServer<?> other = server(Transport.UNIX, new Hooks())) {
            server.start();
            other.start();
            StreamClient client = DescriptorLock.exclusive(() -> {
                // The other loop is only waiting and does not delay this.
                StreamClient connected = new StreamClient(SocketChannel.open(server.address()));
                connected.send("hello");
                awaitBlocked(loop);
                assertEquals(0, hooks.count("getRequest"));
                assertEquals(List.of(), server.liveRequests());
                return connected;
            });
            try (client) {
                assertEquals("got hello", client.receive());
            }
            assertEquals("got hello", ask(other, Transport.UNIX));
        }
    }

    /** Waits until the thread is blocked on a lock in the hook. */
    private static void awaitBlocked(CompletableFuture<Thread> loop) {
        Thread thread = loop.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        long began = System.nanoTime();
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(ServingTest.millisSince(began) < PATIENCE_SECONDS * 1_000, () -> thread + " does not wait");
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void datagramsAreServedDuringAnExclusiveAction() throws Exception {
        try (BaseServer<?> server = server(Transport.UDP, new Hooks())) {
            server.start();
            assertEquals("got hello", DescriptorLock.exclusive(() -> ask(server, Transport.UDP)));
        }
    }

    @Test
    void aMixInMayStartAProcessOnTheAcceptLoop() throws Exception {
        AtomicInteger started = new AtomicInteger();
        try (BaseServer<?> server = server(Transport.TCP, new Hooks())) {
            server.mixIn(task -> {
                DescriptorLock.exclusive(started::incrementAndGet);
                task.run();
            });
            server.start();
            assertEquals("got hello", ask(server, Transport.TCP));
            assertEquals("got hello", ask(server, Transport.TCP));
        }
        assertEquals(2, started.get());
    }

    @Test
    void aTransportMayStartAProcessWhileItCreatesAConnection() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        try (TcpServer first = starting(both);
                TcpServer second = starting(both)) {
            first.start();
            second.start();
            try (StreamClient one = new StreamClient(SocketChannel.open(first.address()));
                    StreamClient two = new StreamClient(SocketChannel.open(second.address()))) {
                assertEquals("got hello", one.ask("hello"));
                assertEquals("got hello", two.ask("hello"));
            }
        }
    }

    /** Returns a server that starts a process while it accepts, at the same time as the other server. */
    private static TcpServer starting(CountDownLatch both) {
        return new TcpServer(new InetSocketAddress("127.0.0.1", 0), Handlers.ONE_LINE) {
            @Override
            protected Connection newConnection(SocketChannel accepted) throws IOException {
                both.countDown();
                try {
                    both.await();
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                }
                return DescriptorLock.exclusive(() -> super.newConnection(accepted));
            }
        };
    }

    @Test
    void exclusiveActionsExcludeEachOtherAndSharedOnesHoweverTheyAreNested() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger exclusive = new AtomicInteger();
        CyclicBarrier begin = new CyclicBarrier(3);
        List<FutureTask<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            boolean shares = i > 0;
            threads.add(ServingTest.inBackground(() -> {
                begin.await();
                for (int round = 0; round < ROUNDS; round++) {
                    DescriptorLock.Action<Boolean> alone = () -> DescriptorLock.exclusive(() -> {
                        assertEquals(0, inside.getAndIncrement());
                        exclusive.incrementAndGet();
                        // Within an exclusive action, both can be entered at once.
                        int before = DescriptorLock.shared(() -> DescriptorLock.exclusive(inside::getAndDecrement));
                        assertEquals(1, before);
                        return true;
                    });
                    if (shares) {
                        DescriptorLock.shared(alone);
                    } else {
                        alone.run();
                    }
                }
            }));
        }
        for (FutureTask<Void> thread : threads) {
            thread.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertEquals(3 * ROUNDS, exclusive.get());
    }
}
