package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.WriteTimeoutException;

class UnixDatagramServerTest {
    private static final RequestHandler<DatagramRequest> ECHO = request -> request.reply(request.data());

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @RegisterExtension
    final SocketFolder folder = new SocketFolder();

    public static final class Echo extends BaseRequestHandler<DatagramRequest> {
        @Override
        public void handle() throws IOException {
            request().reply(request().data());
        }
    }

    private static UnixAddress name() {
        return UnixAddress.abstractName("socketserver-test-" + UUID.randomUUID());
    }

    /** A datagram socket, bound to an address or to none. */
    private static AFUNIXDatagramChannel client(UnixAddress address) throws IOException {
        AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open();
        if (!address.isUnnamed()) {
            channel.bind(NativeSockets.address(address));
        }
        return channel;
    }

    private static void send(AFUNIXDatagramChannel from, UnixDatagramServer to, byte[] bytes) throws IOException {
        from.send(ByteBuffer.wrap(bytes), NativeSockets.address(to.address()));
    }

    private static byte[] receive(AFUNIXDatagramChannel channel) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(300_000);
        channel.receive(answer);
        return Arrays.copyOf(answer.array(), answer.position());
    }

    private static void assertEchoes(UnixDatagramServer server) throws IOException {
        try (AFUNIXDatagramChannel client = client(name())) {
            send(client, server, new byte[] {1, 2, 3});
            assertArrayEquals(new byte[] {1, 2, 3}, receive(client));
        }
    }

    private UnixDatagramServer serve(RequestHandler<DatagramRequest> handler) throws IOException {
        UnixDatagramServer server = new UnixDatagramServer(folder.path("s"), handler);
        server.start();
        return server;
    }

    @Test
    void aHandlerIsAClassAFactoryOrAFunctionAndAnAddressMayBeAPath() throws IOException {
        Path path = folder.path("p");
        UnixAddress address = name();
        for (UnixDatagramServer server : List.of(
                new UnixDatagramServer(address, Echo.class),
                new UnixDatagramServer(address, Echo.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, Echo::new),
                new UnixDatagramServer(address, ECHO),
                new UnixDatagramServer(path, Echo.class),
                new UnixDatagramServer(path, Echo.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer(path, Echo::new),
                new UnixDatagramServer(path, ECHO))) {
            server.start();
            assertEquals("unix-datagram " + server.address(), server.name());
            assertEchoes(server);
            server.close();
        }
    }

    @Test
    void sendersHavePathsAbstractNamesOrNoName() throws Exception {
        BlockingQueue<SocketAddress> senders = new LinkedBlockingQueue<>();
        UnixAddress path = UnixAddress.path(folder.path("c"));
        UnixAddress name = name();
        try (UnixDatagramServer server = serve(request -> {
                    senders.add(request.clientAddress());
                    request.output().write('!');
                });
                AFUNIXDatagramChannel withPath = client(path);
                AFUNIXDatagramChannel withName = client(name);
                AFUNIXDatagramChannel unnamed = client(UnixAddress.unnamed())) {
            send(withPath, server, new byte[] {1});
            assertEquals(path, senders.take());
            assertArrayEquals(new byte[] {'!'}, receive(withPath));
            send(withName, server, new byte[] {1});
            assertEquals(name, senders.take());
            assertArrayEquals(new byte[] {'!'}, receive(withName));
            send(unnamed, server, new byte[] {1});
            assertEquals(UnixAddress.unnamed(), senders.take());
            assertEchoed(server, withName);
        }
        Files.deleteIfExists(folder.path("c"));
    }

    private static void assertEchoed(UnixDatagramServer server, AFUNIXDatagramChannel client) throws IOException {
        send(client, server, new byte[] {9});
        assertArrayEquals(new byte[] {'!'}, receive(client), "the loop goes on");
    }

    @Test
    void aReplyToAnUnnamedOrDeadSenderHarmsNobodyElse() throws Exception {
        BlockingQueue<IOException> failures = new LinkedBlockingQueue<>();
        try (UnixDatagramServer server = serve(request -> {
            if (request.data().length == 1) {
                failures.add(assertThrows(IOException.class, () -> {
                    while (true) {
                        request.reply(new byte[] {1});
                        Thread.onSpinWait();
                    }
                }));
            } else {
                request.reply(request.data());
            }
        })) {
            for (int round = 0; round < 20; round++) {
                try (AFUNIXDatagramChannel unnamed = client(UnixAddress.unnamed())) {
                    send(unnamed, server, new byte[] {1});
                }
                assertInstanceOf(DisconnectedException.class, failures.take());
                Path dead = folder.path("dead");
                try (AFUNIXDatagramChannel client = client(UnixAddress.path(dead))) {
                    send(client, server, new byte[] {1});
                }
                assertInstanceOf(DisconnectedException.class, failures.take());
                Files.deleteIfExists(dead);
                try (AFUNIXDatagramChannel client = client(name())) {
                    send(client, server, new byte[] {1});
                }
                assertInstanceOf(DisconnectedException.class, failures.take());
                assertEchoes(server);
            }
        }
    }

    @Test
    void anEmptyPacketIsLostAndTheLoopGoesOn() throws IOException {
        try (UnixDatagramServer server = serve(ECHO);
                AFUNIXDatagramChannel client = client(name())) {
            Process python = new ProcessBuilder(
                            "python3",
                            "-c",
                            "import socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);"
                                    + "[s.sendto(b'', sys.argv[1]) for _ in range(5)]",
                            server.address().toString())
                    .inheritIO()
                    .start();
            assertEquals(0, python.onExit().join().exitValue());
            send(client, server, new byte[] {7});
            assertArrayEquals(new byte[] {7}, receive(client));
            assertThrows(
                    IOException.class,
                    () -> server.send(ByteBuffer.allocate(0), UnixAddress.path(folder.path("nobody"))));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1472, 8192, 65_507, 200_000})
    void packetsArriveWholeAndSoDoReplies(int size) throws IOException {
        byte[] packet = new byte[size];
        for (int i = 0; i < size; i++) {
            packet[i] = (byte) i;
        }
        ServerOptions options = ServerOptions.builder().maxDatagramSize(size).build();
        try (UnixDatagramServer server = new UnixDatagramServer(name(), HandlerSource.ofFunction(ECHO), options);
                AFUNIXDatagramChannel client = client(name())) {
            server.start();
            send(client, server, packet);
            assertArrayEquals(packet, receive(client));
        }
    }

    @Test
    void aReplyThatTheSendBufferCannotHoldIsRefusedWithBothSizes() throws Exception {
        ServerOptions options = ServerOptions.builder()
                .sendBufferSize(10_000)
                .receiveBufferSize(10_000)
                .build();
        CompletableFuture<Integer> limit = new CompletableFuture<>();
        try (UnixDatagramServer server = new UnixDatagramServer(
                        name(),
                        HandlerSource.ofFunction(request -> {
                            limit.complete(request.maxReplySize());
                            request.reply(new byte[request.maxReplySize()]);
                        }),
                        options);
                AFUNIXDatagramChannel client = client(name())) {
            assertThrows(IllegalStateException.class, () -> server.socketOption(StandardSocketOptions.SO_SNDBUF));
            server.start();
            send(client, server, new byte[] {1});
            assertEquals(limit.get(), receive(client).length, "the longest one passes");
            assertEquals(server.socketOption(StandardSocketOptions.SO_SNDBUF) - 32, limit.get());
            String message = assertThrows(
                            DatagramTooLongException.class,
                            () -> server.send(ByteBuffer.allocate(limit.get() + 1), name()))
                    .getMessage();
            assertEquals(
                    "a reply of " + (limit.get() + 1) + " bytes does not fit one packet, which holds at most "
                            + limit.get() + " bytes",
                    message);
        }
    }

    @Test
    void aPacketThatIsTooLongIsDroppedWithAnEvent() throws Exception {
        CompletableFuture<SocketAddress> event = new CompletableFuture<>();
        ServerOptions options = ServerOptions.builder().maxDatagramSize(4).build();
        UnixAddress sender = name();
        try (UnixDatagramServer server = new UnixDatagramServer(name(), HandlerSource.ofFunction(ECHO), options);
                AFUNIXDatagramChannel client = client(sender)) {
            server.listener(new RequestListener() {
                @Override
                public void datagramTruncated(SocketAddress from, int limit, boolean delivered) {
                    event.complete(from);
                }
            });
            server.start();
            send(client, server, new byte[5]);
            send(client, server, new byte[4]);
            assertEquals(4, receive(client).length);
            assertEquals(sender, event.get());
        }
    }

    @Test
    void aReceiverWhoseQueueIsFullIsWaitedForNoLongerThanTheWriteTimeout() throws IOException {
        ServerOptions options =
                ServerOptions.builder().writeTimeout(Duration.ofMillis(50)).build();
        UnixAddress slow = name();
        try (UnixDatagramServer server = new UnixDatagramServer(name(), HandlerSource.ofFunction(ECHO), options);
                AFUNIXDatagramChannel client = client(slow)) {
            server.bind();
            WriteTimeoutException full = assertThrows(WriteTimeoutException.class, () -> {
                for (int i = 0; i < 1000; i++) {
                    server.send(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)), slow);
                }
            });
            assertEquals("the queue to " + slow + " was full for 50 ms", full.getMessage());
            assertEquals(1, receive(client).length);
            server.send(ByteBuffer.wrap(new byte[] {1}), slow);
        }
    }

    @Test
    void whatIsSentAfterTheEndIsRefused() throws IOException {
        UnixDatagramServer server = serve(ECHO);
        assertThrows(
                IllegalArgumentException.class,
                () -> server.send(ByteBuffer.wrap(new byte[1]), new InetSocketAddress(9)));
        server.close();
        assertThrows(ClosedChannelException.class, () -> server.send(ByteBuffer.wrap(new byte[1]), name()));
    }

    @Test
    void aTakenAbstractNameIsInUse() throws IOException {
        try (UnixDatagramServer first = new UnixDatagramServer(name(), ECHO);
                UnixDatagramServer second = new UnixDatagramServer(first.address(), ECHO)) {
            first.start();
            assertEquals(
                    "can't serve on unix-datagram " + first.address() + ": Address already in use",
                    assertThrows(BindException.class, second::bind).getMessage());
            assertEchoes(first);
        }
    }

    @Test
    void startingServingAndStoppingAgainAndAgainLeavesNoDescriptorBehind() throws IOException {
        assumeTrue(Files.isDirectory(DESCRIPTORS), "needs Linux's /proc");
        long before = 0;
        for (int round = 0; round < 60; round++) {
            if (round == 10) {
                before = descriptors();
            }
            for (UnixAddress address : List.of(name(), UnixAddress.path(folder.path("s")))) {
                try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO)) {
                    server.start();
                    assertEchoes(server);
                    assertThrows(
                            DisconnectedException.class,
                            () -> server.send(ByteBuffer.wrap(new byte[1]), UnixAddress.parse("@nobody-is-there")));
                }
            }
        }
        long after = descriptors();
        assertTrue(after <= before + 2, "descriptors: " + before + ", then " + after);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return all.count();
        }
    }
}
