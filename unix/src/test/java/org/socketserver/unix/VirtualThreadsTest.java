package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;

/** Servers neither spin nor starve on virtual threads, as junixsocket alone does (its issue 172). */
class VirtualThreadsTest {
    private static final int MORE_THAN_PROCESSORS = Runtime.getRuntime().availableProcessors() + 6;
    private static final MixIn EACH_ON_A_VIRTUAL_THREAD =
            task -> VirtualThreads.newThread(task.name(), task::run).start();

    @TempDir
    private Path folder;

    @BeforeEach
    void haveVirtualThreads() {
        Assumptions.assumeTrue(VirtualThreads.available(), "needs Java 21");
    }

    /** Serves on a virtual thread, and returns the thread, which ends with the server. */
    private static Thread serveOnVirtualThread(BaseServer<? extends Request> server) throws IOException {
        server.bind();
        Thread loop = VirtualThreads.newThread("loop", () -> {
            try {
                server.serveForever();
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        });
        loop.start();
        return loop;
    }

    /** Asserts that the process uses hardly any processor time in the best of ten attempts. */
    private static void assertIdle() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 10 && least > 100; attempt++) {
            long before = system.getProcessCpuTime();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            least = Math.min(least, TimeUnit.NANOSECONDS.toMillis(system.getProcessCpuTime() - before));
        }
        assertTrue(least <= 100, "used " + least + " ms of a processor in 500 ms");
    }

    private static void assertVirtualThreadsRun() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        VirtualThreads.newThread("other", ran::countDown).start();
        assertTrue(ran.await(20, TimeUnit.SECONDS), "a virtual thread did not run");
    }

    @ParameterizedTest
    @EnumSource
    void moreConnectionsThanProcessorsWaitWithoutProcessorTime(AddressKind kind) throws Exception {
        CountDownLatch handling = new CountDownLatch(MORE_THAN_PROCESSORS);
        List<SocketChannel> clients = new ArrayList<>();
        try (UnixStreamServer server = new UnixStreamServer(kind.in(folder, "s"), request -> {
            assertTrue(VirtualThreads.isCurrent());
            handling.countDown();
            request.input().transferTo(request.output());
        })) {
            server.mixIn(EACH_ON_A_VIRTUAL_THREAD);
            Thread loop = serveOnVirtualThread(server);
            for (int i = 0; i < MORE_THAN_PROCESSORS; i++) {
                clients.add(Peers.connect(server.address()));
            }
            handling.await();
            assertIdle();
            assertVirtualThreadsRun();
            for (int round = 0; round < 3; round++) {
                for (SocketChannel client : clients) {
                    Peers.write(client, "hello");
                }
                for (SocketChannel client : clients) {
                    assertEquals("hello", Peers.read(client, 5));
                }
            }
            ShutdownReport report = server.shutdown(Duration.ofSeconds(20));
            assertEquals(MORE_THAN_PROCESSORS, report.drained());
            loop.join();
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aDatagramServerWaitsWithoutProcessorTime() throws Exception {
        try (UnixDatagramServer server = new UnixDatagramServer(
                        UnixAddress.path(folder.resolve("s")), request -> request.reply(request.data()));
                AFUNIXDatagramChannel client = Peers.datagram(UnixAddress.path(folder.resolve("c")))) {
            server.mixIn(EACH_ON_A_VIRTUAL_THREAD);
            Thread loop = serveOnVirtualThread(server);
            for (int round = 0; round < 20; round++) {
                Peers.send(client, "hi " + round, server.address());
                assertEquals("hi " + round, Peers.receive(client));
            }
            assertIdle();
            assertVirtualThreadsRun();
            server.shutdown();
            loop.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "datagram"})
    void moreServersThanProcessorsWaitWithoutProcessorTime(String kind) throws Exception {
        List<BaseServer<?>> servers = new ArrayList<>();
        List<Thread> loops = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_PROCESSORS; i++) {
            BaseServer<?> server = kind.equals("stream")
                    ? new UnixStreamServer(Peers.freshName(), request -> {})
                    : new UnixDatagramServer(Peers.freshName(), request -> {});
            servers.add(server);
            loops.add(serveOnVirtualThread(server));
        }
        assertIdle();
        assertVirtualThreadsRun();
        for (BaseServer<?> server : servers) {
            assertEquals(ServerState.SERVING, server.state());
            server.close();
        }
        for (Thread loop : loops) {
            loop.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "datagram"})
    void interruptingTheAcceptLoopEndsServing(String kind) throws Exception {
        try (BaseServer<?> server = kind.equals("stream")
                ? new UnixStreamServer(Peers.freshName(), request -> {})
                : new UnixDatagramServer(Peers.freshName(), request -> {})) {
            Thread loop = serveOnVirtualThread(server);
            loop.interrupt();
            loop.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void deadlinesEndReadsAndWrites(AddressKind kind) throws Exception {
        ServerOptions options = ServerOptions.DEFAULTS
                .deadline(Deadline.READ, Duration.ofMillis(50))
                .deadline(Deadline.WRITE, Duration.ofMillis(50));
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
        try (UnixStreamServer server = new UnixStreamServer(
                kind.in(folder, "s"),
                HandlerSource.ofFunction(request -> {
                    try {
                        request.input().read();
                    } catch (IOException failure) {
                        failures.add(failure);
                    }
                    try {
                        request.output().write(new byte[10_000_000]);
                    } catch (IOException failure) {
                        failures.add(failure);
                    }
                }),
                options)) {
            server.mixIn(EACH_ON_A_VIRTUAL_THREAD);
            server.start();
            try (SocketChannel client = Peers.connect(server.address())) {
                assertSame(
                        Deadline.READ,
                        assertInstanceOf(DeadlineException.class, failures.take())
                                .deadline());
                assertSame(
                        Deadline.WRITE,
                        assertInstanceOf(DeadlineException.class, failures.take())
                                .deadline());
                assertTrue(client.isOpen());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptingAHandlerClosesItsConnection(AddressKind kind) throws Exception {
        CompletableFuture<Thread> handler = new CompletableFuture<>();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(kind.in(folder, "s"), request -> {
            handler.complete(Thread.currentThread());
            try {
                request.input().read();
            } catch (IOException thrown) {
                failure.complete(thrown);
                interrupted.complete(Thread.currentThread().isInterrupted());
            }
        })) {
            server.mixIn(EACH_ON_A_VIRTUAL_THREAD);
            server.start();
            try (SocketChannel client = Peers.connect(server.address())) {
                handler.join().interrupt();
                assertInstanceOf(ClosedByInterruptException.class, failure.join());
                assertTrue(interrupted.join());
                assertEquals("", Peers.readAll(client));
            }
        }
    }

    @Test
    void aStopWithoutGraceCutsHandlersThatWait() throws Exception {
        CountDownLatch handling = new CountDownLatch(2);
        try (UnixStreamServer server = new UnixStreamServer(Peers.freshName(), request -> {
            request.output().write('!');
            request.input().read();
            handling.countDown();
            request.input().read();
        })) {
            server.mixIn(EACH_ON_A_VIRTUAL_THREAD);
            server.start();
            try (SocketChannel one = Peers.connect(server.address());
                    SocketChannel two = Peers.connect(server.address())) {
                Peers.write(one, "1");
                Peers.write(two, "2");
                handling.await();
                ShutdownReport report = server.shutdown(Duration.ZERO);
                assertEquals(2, report.forced().size());
                assertEquals(List.of(), report.running());
                assertEquals("!", Peers.readAll(one));
                assertEquals("!", Peers.readAll(two));
            }
        }
    }
}
