package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.Connection;

class UnixStreamServerTest {
    private static final RequestHandler<StreamRequest> ECHO =
            request -> request.input().transferTo(request.output());

    @TempDir
    private Path folder;

    /** The two ways of an address: over the JDK's channels, and over junixsocket's. */
    enum Kind {
        PATH,
        ABSTRACT
    }

    public static final class Echo extends BaseRequestHandler<StreamRequest> {
        @Override
        public void handle() throws IOException {
            request().input().transferTo(request().output());
        }
    }

    /** Without arguments for a class; with one for a factory that shares something. */
    public static final class Two extends BaseRequestHandler<StreamRequest> {
        private final AtomicInteger handled;

        public Two() {
            this(new AtomicInteger());
        }

        Two(AtomicInteger handled) {
            this.handled = handled;
        }

        @Override
        public void handle() throws IOException {
            request().input().transferTo(request().output());
            handled.incrementAndGet();
        }
    }

    private UnixAddress address(Kind kind) {
        return kind == Kind.ABSTRACT ? Peers.freshName() : UnixAddress.path(folder.resolve("s"));
    }

    private static UnixStreamServer server(
            UnixAddress address, ServerOptions options, RequestHandler<StreamRequest> handler) {
        return new UnixStreamServer(address, HandlerSource.ofFunction(handler), options);
    }

    /** Serves one connection of a client that does nothing, and gives what the handler makes of it. */
    private <T> T handled(Kind kind, ServerOptions options, Handling<T> handling) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        try (UnixStreamServer server = server(address(kind), options, request -> {
            try {
                result.complete(handling.of(request));
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        })) {
            server.start();
            try (SocketChannel client = Peers.connect(server.address())) {
                T value = result.join();
                assertTrue(client.isOpen());
                return value;
            }
        }
    }

    interface Handling<T> {
        T of(StreamRequest request) throws Exception;
    }

    @Test
    void aHandlerIsAClassAFactoryOrAFunctionAndAnAddressAPathOrAName() throws IOException {
        Path path = folder.resolve("s");
        List<Function<UnixAddress, UnixStreamServer>> byAddress = List.of(
                address -> new UnixStreamServer(address, Echo.class),
                address -> new UnixStreamServer(address, Echo.class, ServerOptions.DEFAULTS),
                address -> new UnixStreamServer(address, Echo::new),
                address -> new UnixStreamServer(address, ECHO),
                address -> new UnixStreamServer(address, HandlerSource.ofFunction(ECHO), ServerOptions.DEFAULTS));
        List<UnixStreamServer> servers = new ArrayList<>(List.of(
                new UnixStreamServer(UnixAddress.path(path), Echo.class),
                new UnixStreamServer(UnixAddress.path(path), Echo.class, ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.path(path), Echo::new),
                new UnixStreamServer(UnixAddress.path(path), request -> ECHO.handle(request))));
        for (var constructor : byAddress) {
            servers.add(constructor.apply(UnixAddress.path(path)));
            servers.add(constructor.apply(Peers.freshName()));
        }
        for (UnixStreamServer server : servers) {
            server.start();
            assertEquals("hi", Peers.exchange(server.address(), "hi"));
            server.close();
        }
    }

    private static void echo(Request request) throws IOException {
        request.input().transferTo(request.output());
    }

    @Test
    void anAddressIsAPathANameOrTextAndAHandlerAClassAFactoryOrAFunction() throws IOException {
        AtomicInteger handled = new AtomicInteger();
        Path path = folder.resolve("s");
        String name = Peers.freshName().abstractName().orElseThrow();
        List<UnixStreamServer> servers = List.of(
                new UnixStreamServer(path.toString(), Two.class),
                new UnixStreamServer(path.toString(), Two.class, ServerOptions.DEFAULTS),
                new UnixStreamServer(path.toString(), Two::new),
                new UnixStreamServer(path.toString(), Two::new, ServerOptions.DEFAULTS),
                new UnixStreamServer(path.toString(), () -> new Two(handled)),
                new UnixStreamServer(path.toString(), () -> new Two(handled), ServerOptions.DEFAULTS),
                new UnixStreamServer(path.toString(), UnixStreamServerTest::echo),
                new UnixStreamServer(path.toString(), UnixStreamServerTest::echo, ServerOptions.DEFAULTS),
                new UnixStreamServer(path.toString(), request -> request.input().transferTo(request.output())),
                new UnixStreamServer(
                        path.toString(),
                        request -> request.input().transferTo(request.output()),
                        ServerOptions.DEFAULTS),
                new UnixStreamServer(path.toString(), request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixStreamServer(
                        path.toString(),
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS),
                new UnixStreamServer("@" + name, Two.class),
                new UnixStreamServer("@" + name, Two.class, ServerOptions.DEFAULTS),
                new UnixStreamServer("@" + name, Two::new),
                new UnixStreamServer("@" + name, Two::new, ServerOptions.DEFAULTS),
                new UnixStreamServer("@" + name, () -> new Two(handled)),
                new UnixStreamServer("@" + name, () -> new Two(handled), ServerOptions.DEFAULTS),
                new UnixStreamServer("@" + name, UnixStreamServerTest::echo),
                new UnixStreamServer("@" + name, UnixStreamServerTest::echo, ServerOptions.DEFAULTS),
                new UnixStreamServer("@" + name, request -> request.input().transferTo(request.output())),
                new UnixStreamServer(
                        "@" + name, request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS),
                new UnixStreamServer("@" + name, request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixStreamServer(
                        "@" + name,
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.path(path), Two.class),
                new UnixStreamServer(UnixAddress.path(path), Two.class, ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.path(path), Two::new),
                new UnixStreamServer(UnixAddress.path(path), Two::new, ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.path(path), () -> new Two(handled)),
                new UnixStreamServer(UnixAddress.path(path), () -> new Two(handled), ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.path(path), UnixStreamServerTest::echo),
                new UnixStreamServer(UnixAddress.path(path), UnixStreamServerTest::echo, ServerOptions.DEFAULTS),
                new UnixStreamServer(
                        UnixAddress.path(path), request -> request.input().transferTo(request.output())),
                new UnixStreamServer(
                        UnixAddress.path(path),
                        request -> request.input().transferTo(request.output()),
                        ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.path(path), request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixStreamServer(
                        UnixAddress.path(path),
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.abstractName(name), Two.class),
                new UnixStreamServer(UnixAddress.abstractName(name), Two.class, ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.abstractName(name), Two::new),
                new UnixStreamServer(UnixAddress.abstractName(name), Two::new, ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.abstractName(name), () -> new Two(handled)),
                new UnixStreamServer(UnixAddress.abstractName(name), () -> new Two(handled), ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.abstractName(name), UnixStreamServerTest::echo),
                new UnixStreamServer(
                        UnixAddress.abstractName(name), UnixStreamServerTest::echo, ServerOptions.DEFAULTS),
                new UnixStreamServer(
                        UnixAddress.abstractName(name),
                        request -> request.input().transferTo(request.output())),
                new UnixStreamServer(
                        UnixAddress.abstractName(name),
                        request -> request.input().transferTo(request.output()),
                        ServerOptions.DEFAULTS),
                new UnixStreamServer(UnixAddress.abstractName(name), request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixStreamServer(
                        UnixAddress.abstractName(name),
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS));
        for (UnixStreamServer server : servers) {
            server.start();
            assertEquals("hi", Peers.exchange(server.address(), "hi"));
            server.close();
        }
        assertEquals(16, handled.get());
    }

    @ParameterizedTest
    @EnumSource
    void theHandlerSeesWhoConnectedAndWhere(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        CompletableFuture<StreamRequest> seen = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, seen::complete)) {
            server.start();
            assertEquals(address, server.address());
            assertEquals("unix " + address, server.name());
            UnixAddress own = kind == Kind.ABSTRACT ? Peers.freshName() : UnixAddress.path(folder.resolve("client"));
            Peers.python(
                    address,
                    "s = socket.socket(socket.AF_UNIX)\n"
                            + "s.bind('\\0' + args[0][1:] if args[0][0] == '@' else args[0])\n"
                            + "s.connect(server)\n"
                            + "s.recv(1)\n",
                    own);
            assertEquals(own, seen.join().clientAddress());
            assertEquals(address, seen.join().serverAddress());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatIsNotBoundIsUnnamed(Kind kind) throws Exception {
        assertEquals(UnixAddress.unnamed(), handled(kind, ServerOptions.DEFAULTS, StreamRequest::clientAddress));
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatHasEndedItsOutputStillGetsTheAnswer(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        try (UnixStreamServer server = new UnixStreamServer(address, request -> {
            byte[] all = request.input().readAllBytes();
            request.output().write(("all of " + all.length).getBytes(StandardCharsets.UTF_8));
            request.shutdownOutput();
        })) {
            server.start();
            List<String> answer = Peers.python(
                    address,
                    "s = socket.socket(socket.AF_UNIX)\n"
                            + "s.connect(server)\n"
                            + "s.sendall(b'x' * 300000)\n"
                            + "s.shutdown(socket.SHUT_WR)\n"
                            + "while True:\n"
                            + "    b = s.recv(100)\n"
                            + "    if not b: break\n"
                            + "    print(b.decode(), end='')\n");
            assertEquals(List.of("all of 300000"), answer);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReadThatWaitsTooLongEndsAndTheOutputStillWorks(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        ServerOptions options = ServerOptions.DEFAULTS.deadline(Deadline.READ, Duration.ofMillis(50));
        try (UnixStreamServer server = server(address, options, request -> {
            assertSame(
                    Deadline.READ,
                    assertThrows(DeadlineException.class, () -> request.input().read())
                            .deadline());
            request.output().write('!');
        })) {
            server.start();
            try (SocketChannel client = Peers.connect(address)) {
                assertEquals("!", Peers.readAll(client));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWriteThatNobodyReadsEndsInTime(Kind kind) throws Exception {
        ServerOptions options = ServerOptions.DEFAULTS.deadline(Deadline.WRITE, Duration.ofMillis(50));
        byte[] much = new byte[10_000_000];
        Throwable failure = handled(
                kind,
                options,
                request -> assertThrows(
                        DeadlineException.class, () -> request.output().write(much)));
        assertEquals("unnamed took no output for 50 ms", failure.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void closingARequestWakesAReadAndAWrite(Kind kind) throws Exception {
        byte[] much = new byte[10_000_000];
        for (boolean write : new boolean[] {false, true}) {
            Throwable failure = handled(kind, ServerOptions.DEFAULTS, request -> {
                Thread closer = new Thread(() -> {
                    // Time for the other to wait; the outcome must be the same if it does not yet.
                    LockSupport.parkNanos(50_000_000);
                    request.close();
                });
                closer.start();
                Throwable thrown = assertThrows(DisconnectedException.class, () -> {
                    if (write) {
                        request.output().write(much);
                    } else {
                        request.input().read();
                    }
                });
                closer.join();
                assertThrows(IOException.class, () -> request.output().write(1));
                assertThrows(IOException.class, () -> request.input().read());
                assertThrows(IOException.class, request::shutdownOutput);
                return thrown;
            });
            assertInstanceOf(DisconnectedException.class, failure);
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptingAHandlerClosesItsConnection(Kind kind) throws Exception {
        boolean interrupted = handled(kind, ServerOptions.DEFAULTS, request -> {
            Thread handler = Thread.currentThread();
            new Thread(handler::interrupt).start();
            assertThrows(ClosedByInterruptException.class, () -> request.input().read());
            assertThrows(IOException.class, () -> request.output().write(1));
            return Thread.interrupted();
        });
        assertTrue(interrupted);
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatHasGoneIsADisconnect(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        CountDownLatch gone = new CountDownLatch(1);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, request -> {
            try {
                gone.await();
                request.output().write(new byte[100]);
                failure.complete(new AssertionError("written"));
            } catch (InterruptedException | IOException thrown) {
                failure.complete(thrown);
            }
        })) {
            server.start();
            Peers.connect(address).close();
            gone.countDown();
            DisconnectedException thrown = assertInstanceOf(DisconnectedException.class, failure.join());
            assertEquals("unnamed disconnected: Broken pipe", thrown.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatLeavesUnreadInputBehindIsADisconnect(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        CountDownLatch gone = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, request -> {
            try {
                request.output().write(new byte[100]);
                written.countDown();
                gone.await();
                request.input().read();
                failure.complete(new AssertionError("read"));
            } catch (InterruptedException | IOException thrown) {
                failure.complete(thrown);
            }
        })) {
            server.start();
            SocketChannel client = Peers.connect(address);
            written.await();
            client.close();
            gone.countDown();
            DisconnectedException thrown = assertInstanceOf(DisconnectedException.class, failure.join());
            assertTrue(thrown.getMessage().startsWith("unnamed disconnected: "), thrown::getMessage);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStopEndsTheInputOfAnIdleConnection(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        CountDownLatch handling = new CountDownLatch(1);
        try (UnixStreamServer server = new UnixStreamServer(address, request -> {
            handling.countDown();
            if (request.input().read() < 0) {
                request.output().write('.');
            }
        })) {
            server.start();
            try (SocketChannel client = Peers.connect(address)) {
                handling.await();
                ShutdownReport report = server.shutdown(Duration.ofSeconds(20));
                assertEquals(1, report.drained());
                assertEquals(".", Peers.readAll(client));
            }
            assertEquals(ServerState.BOUND, server.state());
            server.start();
            try (SocketChannel client = Peers.connect(address)) {
                client.shutdownOutput();
                assertEquals(".", Peers.readAll(client));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedServerLeavesTheAddressToTheNext(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        for (int round = 0; round < 3; round++) {
            try (UnixStreamServer server = new UnixStreamServer(address, ECHO)) {
                server.start();
                assertEquals("hi", Peers.exchange(address, "hi"));
            }
        }
        assertThrows(IOException.class, () -> Peers.connect(address));
    }

    @ParameterizedTest
    @EnumSource
    void anAddressIsServedByOneServer(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        try (UnixStreamServer server = new UnixStreamServer(address, ECHO);
                UnixStreamServer second = new UnixStreamServer(address, ECHO)) {
            server.start();
            String message = assertThrows(BindException.class, second::bind).getMessage();
            assertTrue(message.startsWith("can't serve on unix " + address + ": Address already in use"), message);
            assertEquals("hi", Peers.exchange(address, "hi"));
            assertEquals(ServerState.NEW, second.state());
        }
    }

    @Test
    void aNameWhoseServerIsTooBusyToAnswerIsInUse() throws Exception {
        UnixAddress address = Peers.freshName();
        ServerOptions options = ServerOptions.DEFAULTS.backlog(1);
        List<AFUNIXSocketChannel> waiting = new ArrayList<>();
        try (UnixStreamServer server = server(address, options, ECHO);
                UnixStreamServer second = new UnixStreamServer(address, ECHO)) {
            server.bind();
            while (fills(address, waiting)) {
                // Until the queue of the server, which does not serve yet, is full.
            }
            assertEquals(
                    "can't serve on unix " + address + ": Address already in use (its queue is full)",
                    assertThrows(BindException.class, second::bind).getMessage());
        }
        for (AFUNIXSocketChannel channel : waiting) {
            channel.close();
        }
    }

    private static boolean fills(UnixAddress address, List<AFUNIXSocketChannel> waiting) throws IOException {
        AFUNIXSocketChannel channel = AFUNIXSocketChannel.open();
        waiting.add(channel);
        channel.configureBlocking(false);
        try {
            return channel.connect(address.forLibrary());
        } catch (IOException full) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void bufferSizesReachTheSockets(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        ServerOptions options = ServerOptions.DEFAULTS.receiveBufferSize(20_000).sendBufferSize(10_000);
        CompletableFuture<Integer> sendBuffer = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, HandlerSource.ofFunction(ECHO), options) {
            @Override
            protected Connection newConnection(SocketChannel accepted) throws IOException {
                Connection connection = super.newConnection(accepted);
                sendBuffer.complete(accepted.getOption(StandardSocketOptions.SO_SNDBUF));
                return connection;
            }
        }) {
            assertThrows(IllegalStateException.class, () -> server.socketOption(StandardSocketOptions.SO_RCVBUF));
            server.start();
            // Linux keeps twice what was asked for (socket(7)), and the JDK's channels divide it again.
            assertTrue(List.of(20_000, 40_000).contains(server.socketOption(StandardSocketOptions.SO_RCVBUF)));
            assertEquals("hi", Peers.exchange(address, "hi"));
            assertTrue(List.of(10_000, 20_000).contains(sendBuffer.join()));
        }
    }

    @Test
    void theBacklogBoundsHowManyPeersWait() throws Exception {
        UnixAddress address = address(Kind.PATH);
        List<SocketChannel> waiting = new ArrayList<>();
        try (UnixStreamServer server = server(address, ServerOptions.DEFAULTS.backlog(5), ECHO)) {
            server.bind();
            while (waiting.size() < 100 && fills(address.path().orElseThrow(), waiting)) {
                // Until the kernel lets no more wait.
            }
            // One more than the backlog has room, on Linux.
            assertEquals(7, waiting.size());
        }
        for (SocketChannel client : waiting) {
            client.close();
        }
    }

    private static boolean fills(Path server, List<SocketChannel> waiting) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        waiting.add(channel);
        channel.configureBlocking(false);
        try {
            return channel.connect(UnixDomainSocketAddress.of(server));
        } catch (IOException full) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsOpenUntilItIsClosed(Kind kind) throws Exception {
        UnixAddress address = address(kind);
        CompletableFuture<Connection> made = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, ECHO) {
            @Override
            protected Connection newConnection(SocketChannel accepted) throws IOException {
                Connection connection = super.newConnection(accepted);
                assertTrue(connection.isOpen());
                made.complete(connection);
                return connection;
            }
        }) {
            server.start();
            assertEquals("hi", Peers.exchange(address, "hi"));
        }
        Connection connection = made.join();
        connection.close();
        assertFalse(connection.isOpen());
    }
}
