package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
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

    /** Created by the server without arguments, or by a factory with a shared counter. */
    public static final class Echo extends BaseRequestHandler<StreamRequest> {
        private final AtomicInteger handled;

        public Echo() {
            this(new AtomicInteger());
        }

        Echo(AtomicInteger handled) {
            this.handled = handled;
        }

        @Override
        public void handle() throws IOException {
            request().input().transferTo(request().output());
            handled.incrementAndGet();
        }
    }

    private static UnixStreamServer server(
            UnixAddress address, ServerOptions options, RequestHandler<StreamRequest> handler) {
        return new UnixStreamServer(address, HandlerSource.ofFunction(handler), options);
    }

    /** Serves a connection of a client that does nothing, and returns the result of the handler. */
    private <T> T handled(AddressKind kind, ServerOptions options, Handling<T> handling) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        try (UnixStreamServer server = server(kind.in(folder, "s"), options, request -> {
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

    private static void echo(Request request) throws IOException {
        request.input().transferTo(request.output());
    }

    /** Returns a server for each way to pass a handler: class, factory or function, with and without options. */
    private static List<UnixStreamServer> serversAt(String address, AtomicInteger handled) {
        return List.of(
                new UnixStreamServer(address, Echo.class),
                new UnixStreamServer(address, Echo.class, ServerOptions.DEFAULTS),
                new UnixStreamServer(address, Echo::new),
                new UnixStreamServer(address, Echo::new, ServerOptions.DEFAULTS),
                new UnixStreamServer(address, () -> new Echo(handled)),
                new UnixStreamServer(address, () -> new Echo(handled), ServerOptions.DEFAULTS),
                new UnixStreamServer(address, UnixStreamServerTest::echo),
                new UnixStreamServer(address, UnixStreamServerTest::echo, ServerOptions.DEFAULTS),
                new UnixStreamServer(address, request -> request.input().transferTo(request.output())),
                new UnixStreamServer(
                        address, request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS),
                new UnixStreamServer(address, request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixStreamServer(
                        address,
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS));
    }

    private static List<UnixStreamServer> serversAt(UnixAddress address, AtomicInteger handled) {
        return List.of(
                new UnixStreamServer(address, Echo.class),
                new UnixStreamServer(address, Echo.class, ServerOptions.DEFAULTS),
                new UnixStreamServer(address, Echo::new),
                new UnixStreamServer(address, Echo::new, ServerOptions.DEFAULTS),
                new UnixStreamServer(address, () -> new Echo(handled)),
                new UnixStreamServer(address, () -> new Echo(handled), ServerOptions.DEFAULTS),
                new UnixStreamServer(address, UnixStreamServerTest::echo),
                new UnixStreamServer(address, UnixStreamServerTest::echo, ServerOptions.DEFAULTS),
                new UnixStreamServer(address, request -> request.input().transferTo(request.output())),
                new UnixStreamServer(
                        address, request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS),
                new UnixStreamServer(address, request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixStreamServer(
                        address,
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS),
                new UnixStreamServer(address, ECHO),
                new UnixStreamServer(address, HandlerSource.ofFunction(ECHO), ServerOptions.DEFAULTS));
    }

    @Test
    void everyConstructorServesPathsAndAbstractNames() throws IOException {
        AtomicInteger handled = new AtomicInteger();
        List<UnixStreamServer> servers = new ArrayList<>();
        for (AddressKind kind : AddressKind.values()) {
            UnixAddress address = kind.in(folder, "s");
            servers.addAll(serversAt(address, handled));
            servers.addAll(serversAt(address.toString(), handled));
        }
        for (UnixStreamServer server : servers) {
            server.start();
            assertEquals("unix " + server.address(), server.name());
            assertEquals("hi", Peers.exchange(server.address(), "hi"));
            server.close();
        }
        assertEquals(16, handled.get());
    }

    @ParameterizedTest
    @EnumSource
    void aRequestHasTheAddressesOfClientAndServer(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        CompletableFuture<StreamRequest> seen = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, seen::complete)) {
            server.start();
            assertEquals(address, server.address());
            assertEquals("unix " + address, server.name());
            UnixAddress own =
                    kind == AddressKind.ABSTRACT ? Peers.freshName() : UnixAddress.path(folder.resolve("client"));
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
    void anUnboundClientIsUnnamed(AddressKind kind) throws Exception {
        assertEquals(UnixAddress.unnamed(), handled(kind, ServerOptions.DEFAULTS, StreamRequest::clientAddress));
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatHasEndedItsOutputGetsTheAnswer(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
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
    void theOutputWorksAfterAReadHasTimedOut(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
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
    void aWriteToAClientThatDoesNotReadTimesOut(AddressKind kind) throws Exception {
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
    void closingARequestEndsABlockedReadAndWrite(AddressKind kind) throws Exception {
        byte[] much = new byte[10_000_000];
        for (boolean write : new boolean[] {false, true}) {
            Throwable failure = handled(kind, ServerOptions.DEFAULTS, request -> {
                Thread closer = new Thread(() -> {
                    // Time for the handler to block; the outcome is the same if it does not block yet.
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
    void interruptingAHandlerClosesItsConnection(AddressKind kind) throws Exception {
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
    void aDisconnectedClientIsADisconnect(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        CountDownLatch disconnected = new CountDownLatch(1);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, request -> {
            try {
                disconnected.await();
                request.output().write(new byte[100]);
                failure.complete(new AssertionError("written"));
            } catch (InterruptedException | IOException thrown) {
                failure.complete(thrown);
            }
        })) {
            server.start();
            Peers.connect(address).close();
            disconnected.countDown();
            DisconnectedException thrown = assertInstanceOf(DisconnectedException.class, failure.join());
            assertEquals("unnamed disconnected: Broken pipe", thrown.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatDisconnectsWithUnreadInputIsADisconnect(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        CountDownLatch disconnected = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, request -> {
            try {
                request.output().write(new byte[100]);
                written.countDown();
                disconnected.await();
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
            disconnected.countDown();
            DisconnectedException thrown = assertInstanceOf(DisconnectedException.class, failure.join());
            assertTrue(thrown.getMessage().startsWith("unnamed disconnected: "), thrown::getMessage);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStopEndsTheInputOfAnIdleConnection(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
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
    void anAddressCanBeServedAgainAfterClose(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
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
    void anAddressIsServedByOnlyOneServer(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
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
    void anAbstractNameWhoseServerHasAFullQueueIsInUse() throws Exception {
        UnixAddress address = Peers.freshName();
        ServerOptions options = ServerOptions.DEFAULTS.backlog(1);
        List<SocketChannel> waiting = new ArrayList<>();
        try (UnixStreamServer server = server(address, options, ECHO);
                UnixStreamServer second = new UnixStreamServer(address, ECHO)) {
            server.bind();
            while (fills(AFUNIXSocketChannel.open(), address.forLibrary(), waiting)) {
                // Fill the queue of the server, which does not accept yet.
            }
            assertEquals(
                    "can't serve on unix " + address + ": Address already in use (its queue is full)",
                    assertThrows(BindException.class, second::bind).getMessage());
        }
        for (SocketChannel channel : waiting) {
            channel.close();
        }
    }

    /** Connects without blocking. Returns false if the queue of the server is full. */
    private static boolean fills(SocketChannel channel, SocketAddress server, List<SocketChannel> waiting)
            throws IOException {
        waiting.add(channel);
        channel.configureBlocking(false);
        try {
            return channel.connect(server);
        } catch (IOException full) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void bufferSizesReachTheSockets(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
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
            // Linux doubles the requested size (socket(7)), and the JDK's channels halve it again.
            assertTrue(List.of(20_000, 40_000).contains(server.socketOption(StandardSocketOptions.SO_RCVBUF)));
            assertEquals("hi", Peers.exchange(address, "hi"));
            assertTrue(List.of(10_000, 20_000).contains(sendBuffer.join()));
        }
    }

    @Test
    void theBacklogLimitsTheNumberOfWaitingClients() throws Exception {
        UnixAddress address = AddressKind.PATH.in(folder, "s");
        List<SocketChannel> waiting = new ArrayList<>();
        try (UnixStreamServer server = server(address, ServerOptions.DEFAULTS.backlog(5), ECHO)) {
            server.bind();
            SocketAddress target = UnixDomainSocketAddress.of(address.path().orElseThrow());
            while (waiting.size() < 100 && fills(SocketChannel.open(StandardProtocolFamily.UNIX), target, waiting)) {
                // Fill the queue.
            }
            // On Linux, the queue holds one more than the backlog.
            assertEquals(7, waiting.size());
        }
        for (SocketChannel client : waiting) {
            client.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsOpenUntilItIsClosed(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
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
