package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ReadTimeoutException;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.WriteTimeoutException;

/** Streams over a path (the JDK's channels) and over an abstract name (junixsocket's). */
class UnixStreamServerTest {
    private static final RequestHandler<StreamRequest> ECHO =
            request -> request.input().transferTo(request.output());

    @RegisterExtension
    final SocketFolder folder = new SocketFolder();

    public static final class Echo extends BaseRequestHandler<StreamRequest> {
        @Override
        public void handle() throws IOException {
            request().input().transferTo(request().output());
        }
    }

    private UnixAddress address(boolean named) {
        return named
                ? UnixAddress.abstractName("socketserver-test-" + UUID.randomUUID())
                : UnixAddress.path(folder.path("s"));
    }

    private static SocketChannel connect(UnixStreamServer server) throws IOException {
        UnixAddress address = server.address();
        if (address.isAbstract()) {
            return AFUNIXSocketChannel.open(NativeSockets.address(address));
        }
        SocketAddress path = UnixDomainSocketAddress.of(address.path().orElseThrow());
        return SocketChannel.open(path);
    }

    private static String talk(UnixStreamServer server, String text) throws IOException {
        try (SocketChannel client = connect(server)) {
            client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            client.shutdownOutput();
            return rest(client);
        }
    }

    private static String rest(SocketChannel client) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(10_000);
        while (client.read(answer) >= 0) {
            continue;
        }
        return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }

    private UnixStreamServer serve(boolean named, RequestHandler<StreamRequest> handler, ServerOptions options)
            throws IOException {
        UnixStreamServer server = new UnixStreamServer(address(named), HandlerSource.ofFunction(handler), options);
        server.start();
        return server;
    }

    @Test
    void aHandlerIsAClassAFactoryOrAFunctionAndAnAddressMayBeAPath() throws IOException {
        Path path = folder.path("p");
        UnixAddress address = address(true);
        for (UnixStreamServer server : List.of(
                new UnixStreamServer(address, Echo.class),
                new UnixStreamServer(address, Echo.class, ServerOptions.DEFAULTS),
                new UnixStreamServer(address, Echo::new),
                new UnixStreamServer(address, ECHO),
                new UnixStreamServer(path, Echo.class),
                new UnixStreamServer(path, Echo.class, ServerOptions.DEFAULTS),
                new UnixStreamServer(path, Echo::new),
                new UnixStreamServer(path, ECHO))) {
            server.start();
            assertEquals("hi", talk(server, "hi"), server.toString());
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void addressesAreUnixAddresses(boolean named) throws Exception {
        CompletableFuture<StreamRequest> seen = new CompletableFuture<>();
        try (UnixStreamServer server = serve(
                named,
                request -> {
                    seen.complete(request);
                    request.noDelay(true);
                    ECHO.handle(request);
                },
                ServerOptions.DEFAULTS)) {
            assertEquals("x", talk(server, "x"));
            assertEquals("unix " + server.address(), server.name());
            assertEquals(UnixAddress.unnamed(), seen.get().clientAddress());
            assertEquals(server.address(), seen.get().serverAddress());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theKernelTellsWhoThePeerIs(boolean named) throws Exception {
        CompletableFuture<PeerCredentials> seen = new CompletableFuture<>();
        CompletableFuture<Boolean> nothingElse = new CompletableFuture<>();
        try (UnixStreamServer server = serve(
                named,
                request -> {
                    seen.complete(PeerCredentials.of(request).orElseThrow());
                    nothingElse.complete(request.attribute(String.class).isEmpty());
                    ECHO.handle(request);
                },
                ServerOptions.DEFAULTS)) {
            talk(server, "x");
            Path mine = Files.createFile(folder.path("mine"));
            assertEquals(Files.getOwner(mine), seen.get().user());
            assertEquals(Files.getAttribute(mine, "posix:group"), seen.get().group());
            assertEquals(
                    named ? OptionalLong.of(ProcessHandle.current().pid()) : OptionalLong.empty(),
                    seen.get().pid());
            assertTrue(nothingElse.get());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSilentPeerMeetsTheReadDeadlineAndCanStillBeTold(boolean named) throws IOException {
        ServerOptions options =
                ServerOptions.builder().readTimeout(Duration.ofMillis(50)).build();
        try (UnixStreamServer server = serve(
                        named,
                        request -> {
                            assertThrows(
                                    ReadTimeoutException.class,
                                    () -> request.input().read());
                            request.output().write("late".getBytes(StandardCharsets.UTF_8));
                        },
                        options);
                SocketChannel client = connect(server)) {
            assertEquals("late", rest(client));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatStopsReadingMeetsTheWriteDeadline(boolean named) throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        ServerOptions options =
                ServerOptions.builder().writeTimeout(Duration.ofMillis(50)).build();
        try (UnixStreamServer server = serve(
                        named,
                        request -> failure.complete(assertThrows(
                                IOException.class, () -> request.output().write(new byte[10_000_000]))),
                        options);
                SocketChannel client = connect(server)) {
            assertInstanceOf(WriteTimeoutException.class, failure.get());
            assertTrue(client.isOpen());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatHasGoneIsADisconnect(boolean named) throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        CountDownLatch gone = new CountDownLatch(1);
        try (UnixStreamServer server = serve(
                named,
                request -> {
                    gone.await();
                    failure.complete(assertThrows(IOException.class, () -> {
                        for (int i = 0; i < 100; i++) {
                            request.output().write(new byte[1000]);
                        }
                    }));
                },
                ServerOptions.DEFAULTS)) {
            connect(server).close();
            gone.countDown();
            assertInstanceOf(DisconnectedException.class, failure.get());
            assertTrue(
                    failure.get().getMessage().startsWith("unnamed has gone: "),
                    failure.get().getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStopEndsIdleConnectionsAndCutsBusyOnes(boolean named) throws IOException {
        try (UnixStreamServer server = serve(named, ECHO, ServerOptions.DEFAULTS);
                SocketChannel idle = connect(server)) {
            idle.write(ByteBuffer.wrap(new byte[] {'x'}));
            assertEquals(1, idle.read(ByteBuffer.allocate(1)));
            ShutdownReport report = server.shutdown(Duration.ofSeconds(20));
            assertTrue(report.isClean(), report.toString());
            assertEquals(1, report.drained());
            assertEquals("", rest(idle));
        }
        CountDownLatch busy = new CountDownLatch(1);
        try (UnixStreamServer server = serve(
                        named,
                        request -> {
                            request.input().read();
                            busy.countDown();
                            request.input().read();
                        },
                        ServerOptions.DEFAULTS);
                SocketChannel client = connect(server)) {
            client.write(ByteBuffer.wrap(new byte[] {'x'}));
            busy.await();
            assertEquals(1, server.shutdown(Duration.ofMillis(30)).forced().size());
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }

    @Test
    void aTakenAbstractNameIsInUse() throws IOException {
        try (UnixStreamServer first = serve(true, ECHO, ServerOptions.DEFAULTS);
                UnixStreamServer second = new UnixStreamServer(first.address(), ECHO)) {
            String message = assertThrows(BindException.class, second::bind).getMessage();
            assertEquals("can't serve on unix " + first.address() + ": Address already in use", message);
            assertEquals("still", talk(first, "still"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void optionsReachTheSockets(boolean named) throws IOException {
        ServerOptions options = ServerOptions.builder()
                .receiveBufferSize(30_000)
                .sendBufferSize(20_000)
                .backlog(5)
                .build();
        try (UnixStreamServer server = new UnixStreamServer(address(named), HandlerSource.ofFunction(ECHO), options)) {
            assertThrows(IllegalStateException.class, () -> server.socketOption(StandardSocketOptions.SO_RCVBUF));
            server.start();
            int size = server.socketOption(StandardSocketOptions.SO_RCVBUF);
            assertTrue(size == 30_000 || size == 60_000, "the kernel doubles it (socket(7)): " + size);
            assertEquals("hi", talk(server, "hi"));
        }
        assertFalse(Files.exists(folder.path("s")));
    }
}
