package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.tcp.TcpServer;

class ThreadingMixInTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    static List<ThreadKind> kinds() {
        return VirtualThreads.available() ? List.of(ThreadKind.values()) : List.of(ThreadKind.PLATFORM);
    }

    private static Socket connect(TcpServer server) throws IOException {
        return new Socket(server.address().getAddress(), server.address().getPort());
    }

    /** Waits until all slots are returned, which can be shortly after the end of a request is reported. */
    private static void awaitAllSlotsBack(ThreadingMixIn mixIn) {
        while (mixIn.active() > 0) {
            LockSupport.parkNanos(1_000_000);
        }
        assertEquals(0, mixIn.active());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void requestsRunConcurrentlyOnThreadsNamedAfterServerAndClient(ThreadKind kind) throws Exception {
        CountDownLatch together = new CountDownLatch(2);
        CompletableFuture<Thread> seen = new CompletableFuture<>();
        try (TcpServer server = new TcpServer(ANY_PORT, request -> {
            seen.complete(Thread.currentThread());
            together.countDown();
            together.await();
            request.output().write('!');
        })) {
            ThreadingMixIn mixIn = new ThreadingMixIn(kind);
            server.mixIn(mixIn);
            server.start();
            try (Socket first = connect(server)) {
                Thread thread = seen.get();
                assertEquals(server.name() + " < 127.0.0.1:" + first.getLocalPort(), thread.getName());
                assertTrue(thread.isDaemon(), "does not keep the JVM alive");
                assertEquals(kind, mixIn.kind());
                try (Socket second = connect(server)) {
                    assertEquals('!', first.getInputStream().read());
                    assertEquals('!', second.getInputStream().read());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void requestsBeyondTheLimitWait(ThreadKind kind) throws Exception {
        int bound = 3;
        int clients = 24;
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Semaphore finish = new Semaphore(0);
        ThreadingMixIn mixIn = new ThreadingMixIn(kind).maxConcurrent(bound);
        try (TcpServer server = new TcpServer(ANY_PORT, request -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            finish.acquire();
            running.decrementAndGet();
            request.output().write('!');
        })) {
            server.mixIn(mixIn);
            server.start();
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                sockets.add(connect(server));
            }
            while (mixIn.active() < bound) {
                Thread.sleep(1);
            }
            assertFalse(mixIn.hasCapacity());
            finish.release(clients);
            for (Socket socket : sockets) {
                assertEquals('!', socket.getInputStream().read());
                socket.close();
            }
            assertTrue(most.get() <= bound, "concurrent requests: " + most.get());
        }
        awaitAllSlotsBack(mixIn);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aHigherLimitWakesUpTheAcceptLoop(ThreadKind kind) throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        ThreadingMixIn mixIn = new ThreadingMixIn(kind).maxConcurrent(1);
        try (TcpServer server = new TcpServer(ANY_PORT, request -> {
            both.countDown();
            both.await();
        })) {
            server.mixIn(mixIn);
            server.start();
            try (Socket first = connect(server);
                    Socket second = connect(server)) {
                while (mixIn.active() < 1) {
                    Thread.sleep(1);
                }
                mixIn.maxConcurrent(2);
                assertEquals(2, mixIn.maxConcurrent());
                assertEquals(-1, first.getInputStream().read());
                assertEquals(-1, second.getInputStream().read());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aSlotIsReturnedEvenIfAHandlerThrows(ThreadKind kind) throws Exception {
        ThreadingMixIn mixIn = new ThreadingMixIn(kind).maxConcurrent(1);
        try (TcpServer server =
                new TcpServer(ANY_PORT, request -> {
                    throw new IllegalStateException("handler");
                }) {
                    @Override
                    protected void handleError(StreamRequest request, Throwable failure) {
                        throw new StackOverflowError("hook");
                    }
                }) {
            Logger.getLogger("org.socketserver").setLevel(Level.OFF);
            server.mixIn(mixIn);
            server.start();
            for (int i = 0; i < 50; i++) {
                try (Socket socket = connect(server);
                        InputStream input = socket.getInputStream()) {
                    assertEquals(-1, input.read());
                }
            }
        } finally {
            Logger.getLogger("org.socketserver").setLevel(null);
        }
        awaitAllSlotsBack(mixIn);
    }

    @Test
    void aMixInBelongsToOneServer() {
        TcpServer first = new TcpServer(ANY_PORT, request -> {});
        TcpServer second = new TcpServer(ANY_PORT, request -> {});
        ThreadingMixIn mixIn = new ThreadingMixIn();
        first.mixIn(mixIn);
        assertEquals(
                "this mix-in belongs to tcp 127.0.0.1:0; make one for each server",
                assertThrows(IllegalStateException.class, () -> second.mixIn(mixIn))
                        .getMessage());
        first.close();
        second.close();
    }

    @Test
    void theLimitIsCheckedAndHasADefaultForEachKind() {
        assertEquals(ThreadKind.best().defaultLimit(), new ThreadingMixIn().maxConcurrent());
        assertEquals(1_000, new ThreadingMixIn(ThreadKind.PLATFORM).maxConcurrent());
        assertEquals(10_000, ThreadKind.VIRTUAL.defaultLimit());
        assertEquals(
                "maxConcurrent is 0 requests; it must be 1 request or more",
                assertThrows(IllegalArgumentException.class, () -> new ThreadingMixIn().maxConcurrent(0))
                        .getMessage());
    }

    @Test
    void virtualThreadsAreRejectedIfTheJvmHasNone() {
        if (VirtualThreads.available()) {
            assertEquals(ThreadKind.VIRTUAL, new ThreadingMixIn().kind());
        } else {
            assertEquals(ThreadKind.PLATFORM, new ThreadingMixIn().kind());
            String message = assertThrows(
                            UnsupportedOperationException.class, () -> new ThreadingMixIn(ThreadKind.VIRTUAL))
                    .getMessage();
            assertTrue(message.endsWith("Use ThreadKind.PLATFORM or best()"), message);
        }
    }
}
