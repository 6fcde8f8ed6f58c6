package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.api.BaseServer;
import org.socketserver.api.MixIn;
import org.socketserver.api.RequestTask;
import org.socketserver.api.VirtualThreads;

/** Nothing of junixsocket blocks on a virtual thread, where it would spin or starve. */
class VirtualThreadSafetyTest {
    private static UnixAddress name() {
        return UnixAddress.abstractName("socketserver-test-" + UUID.randomUUID());
    }

    /** Runs each request on a virtual thread; the mix-ins of users are in another module. */
    private static final class Virtual implements MixIn {
        @Override
        public void processRequest(RequestTask task) {
            VirtualThreads.newThread(task.name(), task).start();
        }
    }

    private static Thread onVirtualThread(BaseServer<?> server, CompletableFuture<Void> ended) {
        Thread thread = VirtualThreads.newThread("serving", () -> {
            try {
                server.serveForever();
                ended.complete(null);
            } catch (Throwable failure) {
                ended.completeExceptionally(failure);
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void moreIdleConnectionsThanProcessorsLeaveTheOthersServedAndTheProcessorsIdle() throws Exception {
        assumeTrue(VirtualThreads.available(), "needs virtual threads");
        int idle = 4 * Runtime.getRuntime().availableProcessors();
        Semaphore reading = new Semaphore(0);
        try (UnixStreamServer server = new UnixStreamServer(name(), request -> {
            reading.release();
            request.input().transferTo(request.output());
        })) {
            server.mixIn(new Virtual());
            server.start();
            List<SocketChannel> clients = new ArrayList<>();
            for (int i = 0; i < idle; i++) {
                clients.add(AFUNIXSocketChannel.open(NativeSockets.address(server.address())));
            }
            reading.acquire(idle);
            assertTrue(hasAQuietSecond(), "waiting threads use the processor");
            for (SocketChannel client : clients) {
                client.write(ByteBuffer.wrap(new byte[] {5}));
                ByteBuffer answer = ByteBuffer.allocate(1);
                client.read(answer);
                assertArrayEquals(new byte[] {5}, answer.array());
                client.close();
            }
        }
    }

    /** A spinning thread uses as much processor time as passes, at all times; the compiler of the JVM comes to an end. */
    private static boolean hasAQuietSecond() throws InterruptedException {
        for (int second = 0; second < 20; second++) {
            long before = cpuNanos();
            Thread.sleep(1000);
            if (cpuNanos() - before < 250_000_000) {
                return true;
            }
        }
        return false;
    }

    private static long cpuNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    @Test
    void aServerCanBeServedFromAVirtualThreadAndStopped() throws Exception {
        assumeTrue(VirtualThreads.available(), "needs virtual threads");
        CompletableFuture<Void> stream = new CompletableFuture<>();
        CompletableFuture<Void> datagram = new CompletableFuture<>();
        try (UnixStreamServer streams =
                        new UnixStreamServer(name(), request -> request.output().write(1));
                UnixDatagramServer packets = new UnixDatagramServer(
                        name(), request -> request.output().write(2));
                AFUNIXDatagramChannel sender = AFUNIXDatagramChannel.open()) {
            streams.bind();
            packets.bind();
            onVirtualThread(streams, stream);
            Thread serving = onVirtualThread(packets, datagram);
            try (SocketChannel client = AFUNIXSocketChannel.open(NativeSockets.address(streams.address()))) {
                assertEquals(1, client.read(ByteBuffer.allocate(1)));
            }
            sender.bind(NativeSockets.address(name()));
            sender.send(ByteBuffer.wrap(new byte[] {1}), NativeSockets.address(packets.address()));
            ByteBuffer answer = ByteBuffer.allocate(10);
            sender.receive(answer);
            assertEquals(1, answer.position());
            streams.shutdown();
            stream.get();
            serving.interrupt();
            datagram.get();
        }
    }

    @Test
    void anInterruptOfAHandedOverCallClosesAndIsKept() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch woken = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            assertThrows(
                    ClosedByInterruptException.class,
                    () -> PlatformThreads.call(
                            () -> {
                                waiting.countDown();
                                try {
                                    woken.await();
                                } catch (InterruptedException never) {
                                    throw new IOException(never);
                                }
                                throw new IOException("closed");
                            },
                            woken::countDown));
            interrupted.complete(Thread.currentThread().isInterrupted());
        });
        caller.start();
        waiting.await();
        caller.interrupt();
        assertTrue(interrupted.get());
    }

    @Test
    void whatAHandedOverCallThrowsComesOutAsItIs() {
        assertEquals(
                "io",
                assertThrows(
                                IOException.class,
                                () -> PlatformThreads.call(() -> failing(new IOException("io")), () -> {}))
                        .getMessage());
        assertThrows(
                IllegalStateException.class,
                () -> PlatformThreads.call(() -> failing(new IllegalStateException()), () -> {}));
        assertThrows(
                StackOverflowError.class,
                () -> PlatformThreads.call(() -> failing(new StackOverflowError()), () -> {}));
    }

    private static int failing(Throwable failure) throws IOException {
        if (failure instanceof IOException io) {
            throw io;
        }
        if (failure instanceof RuntimeException runtime) {
            throw runtime;
        }
        throw (Error) failure;
    }
}
