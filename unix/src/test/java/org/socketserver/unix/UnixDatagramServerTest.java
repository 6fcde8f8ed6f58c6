package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;

class UnixDatagramServerTest {
    private static final RequestHandler<DatagramRequest> ECHO = request -> request.reply(request.data());

    @TempDir
    private Path folder;

    /** Replies to each packet, and records the outcome of the reply. */
    private static final class Replies implements RequestHandler<DatagramRequest> {
        private final BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> signal = new LinkedBlockingQueue<>();
        private final boolean onSignal;

        Replies(boolean onSignal) {
            this.onSignal = onSignal;
        }

        @Override
        public void handle(DatagramRequest request) throws Exception {
            if (onSignal) {
                outcomes.add(text(request));
                signal.take();
            }
            try {
                request.reply(request.data());
                outcomes.add("replied to " + request.clientAddress());
            } catch (IOException failure) {
                outcomes.add(failure);
            }
        }
    }

    /** Created by the server without arguments, or by a factory with a shared counter. */
    public static final class Echo extends BaseRequestHandler<DatagramRequest> {
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

    private static String text(DatagramRequest request) {
        return new String(request.data(), StandardCharsets.UTF_8);
    }

    private static UnixDatagramServer server(
            UnixAddress address, ServerOptions options, RequestHandler<DatagramRequest> handler) {
        return new UnixDatagramServer(address, HandlerSource.ofFunction(handler), options);
    }

    private static String exchange(AFUNIXDatagramChannel client, UnixAddress server, String text) throws IOException {
        Peers.send(client, text, server);
        return Peers.receive(client);
    }

    private static void echo(Request request) throws IOException {
        request.input().transferTo(request.output());
    }

    /** Returns a server for each way to pass a handler: class, factory or function, with and without options. */
    private static List<UnixDatagramServer> serversAt(String address, AtomicInteger handled) {
        return List.of(
                new UnixDatagramServer(address, Echo.class),
                new UnixDatagramServer(address, Echo.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, Echo::new),
                new UnixDatagramServer(address, Echo::new, ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, () -> new Echo(handled)),
                new UnixDatagramServer(address, () -> new Echo(handled), ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, UnixDatagramServerTest::echo),
                new UnixDatagramServer(address, UnixDatagramServerTest::echo, ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, request -> request.input().transferTo(request.output())),
                new UnixDatagramServer(
                        address, request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixDatagramServer(
                        address,
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS));
    }

    private static List<UnixDatagramServer> serversAt(UnixAddress address, AtomicInteger handled) {
        return List.of(
                new UnixDatagramServer(address, Echo.class),
                new UnixDatagramServer(address, Echo.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, Echo::new),
                new UnixDatagramServer(address, Echo::new, ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, () -> new Echo(handled)),
                new UnixDatagramServer(address, () -> new Echo(handled), ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, UnixDatagramServerTest::echo),
                new UnixDatagramServer(address, UnixDatagramServerTest::echo, ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, request -> request.input().transferTo(request.output())),
                new UnixDatagramServer(
                        address, request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixDatagramServer(
                        address,
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS),
                new UnixDatagramServer(address, ECHO),
                new UnixDatagramServer(address, HandlerSource.ofFunction(ECHO), ServerOptions.DEFAULTS));
    }

    @Test
    void everyConstructorServesPathsAndAbstractNames() throws IOException {
        AtomicInteger handled = new AtomicInteger();
        List<UnixDatagramServer> servers = new ArrayList<>();
        for (AddressKind kind : AddressKind.values()) {
            UnixAddress address = kind.in(folder, "s");
            servers.addAll(serversAt(address, handled));
            servers.addAll(serversAt(address.toString(), handled));
        }
        try (AFUNIXDatagramChannel client = Peers.datagram(Peers.freshName())) {
            for (UnixDatagramServer server : servers) {
                server.start();
                assertEquals("unix-datagram " + server.address(), server.name());
                assertEquals("hi", exchange(client, server.address(), "hi"));
                server.close();
            }
        }
        assertEquals(16, handled.get());
    }

    @ParameterizedTest
    @EnumSource
    void aReplyIsSentFromTheServersOwnAddress(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        UnixAddress own = kind.in(folder, "c");
        BlockingQueue<SocketAddress> seen = new LinkedBlockingQueue<>();
        try (UnixDatagramServer server = new UnixDatagramServer(address, request -> {
                    seen.add(request.clientAddress());
                    seen.add(request.serverAddress());
                    request.reply(request.data());
                });
                AFUNIXDatagramChannel client = Peers.datagram(own)) {
            server.start();
            Peers.send(client, "hi", address);
            assertEquals(address, UnixAddress.ofLibrary(client.receive(ByteBuffer.allocate(100))));
            assertEquals(own, seen.take());
            assertEquals(address, seen.take());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSenderWithAnAddressFromTheKernelIsAnswered(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO)) {
            server.start();
            // With an empty name, the kernel chooses an abstract name of five digits (unix(7), autobind).
            assertEquals(
                    List.of("hi", "True"),
                    Peers.python(
                            address,
                            "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                                    + "s.bind('')\n"
                                    + "s.sendto(b'hi', server)\n"
                                    + "data, sender = s.recvfrom(100)\n"
                                    + "print(data.decode())\n"
                                    + "print(sender in (server, server.encode()))\n"));
        }
    }

    @Test
    void aSenderWhoseNameIsNotTextIsAnswered() throws Exception {
        UnixAddress address = Peers.freshName();
        try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO)) {
            server.start();
            for (String name :
                    new String[] {"b'\\0\\xff\\xfe-' + str(os.getpid()).encode()", "args[0].encode() + b'/\\xff'"}) {
                assertEquals(
                        List.of("hi"),
                        Peers.python(
                                address,
                                "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                                        + "s.bind(" + name + ")\n"
                                        + "s.sendto(b'hi', server)\n"
                                        + "print(s.recv(100).decode())\n",
                                folder));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anUnnamedSenderCannotBeAnswered(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        Replies replies = new Replies(false);
        try (UnixDatagramServer server = new UnixDatagramServer(address, replies);
                AFUNIXDatagramChannel unnamed = Peers.datagram(UnixAddress.unnamed());
                AFUNIXDatagramChannel named = Peers.datagram(kind.in(folder, "c"))) {
            server.start();
            Peers.send(unnamed, "hello", address);
            assertEquals(
                    "an unnamed sender can't be answered: it has not bound its socket",
                    assertInstanceOf(DisconnectedException.class, replies.outcomes.take())
                            .getMessage());
            assertEquals("hi", exchange(named, address, "hi"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedSenderIsADisconnectAndAffectsNoOtherClient(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        UnixAddress dead = kind.in(folder, "dead");
        Replies replies = new Replies(true);
        try (UnixDatagramServer server = new UnixDatagramServer(address, replies);
                AFUNIXDatagramChannel other = Peers.datagram(kind.in(folder, "c"))) {
            server.start();
            for (int round = 0; round < 3; round++) {
                AFUNIXDatagramChannel client = Peers.datagram(dead);
                Peers.send(client, "bye", address);
                assertEquals("bye", replies.outcomes.take());
                client.close();
                replies.signal.add("closed");
                assertEquals(
                        dead + " can't be reached: Connection refused",
                        assertInstanceOf(DisconnectedException.class, replies.outcomes.take())
                                .getMessage());
                Files.deleteIfExists(folder.resolve("dead"));

                Peers.send(other, "hi", address);
                assertEquals("hi", replies.outcomes.take());
                replies.signal.add("reply");
                assertEquals("hi", Peers.receive(other));
                replies.outcomes.take();
            }
            if (kind == AddressKind.PATH) {
                assertTrue(Files.exists(folder.resolve("s")), "the server's file still exists");
            }
        }
    }

    @Test
    void aSenderWhoseFileWasRemovedIsADisconnect() throws Exception {
        UnixAddress address = AddressKind.PATH.in(folder, "s");
        Replies replies = new Replies(true);
        try (UnixDatagramServer server = new UnixDatagramServer(address, replies);
                AFUNIXDatagramChannel client = Peers.datagram(AddressKind.PATH.in(folder, "c"))) {
            server.start();
            Peers.send(client, "hi", address);
            replies.outcomes.take();
            Files.delete(folder.resolve("c"));
            replies.signal.add("removed");
            assertEquals(
                    folder.resolve("c") + " can't be reached: No such file or directory",
                    assertInstanceOf(DisconnectedException.class, replies.outcomes.take())
                            .getMessage());
        }
    }

    @Test
    void aSenderThatHasShutDownItsInputIsADisconnect() throws Exception {
        UnixAddress address = Peers.freshName();
        Replies replies = new Replies(false);
        try (UnixDatagramServer server = new UnixDatagramServer(address, replies);
                AFUNIXDatagramChannel other = Peers.datagram(Peers.freshName())) {
            server.start();
            // The first socket stays open until the second gets its answer.
            Peers.python(
                    address,
                    "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                            + "s.bind('\\0' + args[0])\n"
                            + "s.shutdown(socket.SHUT_RD)\n"
                            + "s.sendto(b'hi', server)\n"
                            + "other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                            + "other.bind('')\n"
                            + "other.sendto(b'hi', server)\n"
                            + "other.recv(100)\n",
                    "half-" + ProcessHandle.current().pid());
            assertInstanceOf(DisconnectedException.class, replies.outcomes.take());
            assertTrue(replies.outcomes.take().toString().startsWith("replied to @"));
            assertEquals("hi", exchange(other, address, "hi"));
        }
    }

    @Test
    void aSenderWhoseAddressIsNowAStreamSocketIsADisconnect() throws Exception {
        UnixAddress address = AddressKind.PATH.in(folder, "s");
        try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO);
                UnixStreamServer stream =
                        new UnixStreamServer(folder.resolve("c").toString(), request -> {});
                AFUNIXDatagramChannel other = Peers.datagram(Peers.freshName())) {
            server.start();
            stream.bind();
            assertThrows(
                    DisconnectedException.class, () -> server.send(ByteBuffer.wrap(new byte[1]), stream.address()));
            assertEquals("hi", exchange(other, address, "hi"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void emptyPacketsAreIgnored(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO)) {
            server.start();
            assertEquals(
                    List.of("hi"),
                    Peers.python(
                            address,
                            "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                                    + "s.bind('')\n"
                                    + "for i in range(3): s.sendto(b'', server)\n"
                                    + "s.sendto(b'hi', server)\n"
                                    + "print(s.recv(100).decode())\n"));
            assertEquals(1, server.stats().accepted());
        }
    }

    @Test
    void closingTheSocketElsewhereEndsServingWithTheException() {
        try (UnixDatagramServer server = new UnixDatagramServer(Peers.freshName(), ECHO) {
            @Override
            protected void serviceActions() {
                try {
                    channel().close();
                } catch (IOException failure) {
                    throw new AssertionError(failure);
                }
            }
        }) {
            assertThrows(ClosedChannelException.class, server::serveForever);
        }
    }

    @Test
    void sendingAnEmptyPacketThrows() throws IOException {
        UnixAddress address = Peers.freshName();
        try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO);
                AFUNIXDatagramChannel client = Peers.datagram(Peers.freshName())) {
            server.start();
            UnixAddress target = UnixAddress.ofLibrary(client.getLocalAddress());
            assertEquals(
                    "an empty packet can't be sent over a Unix socket",
                    assertThrows(IOException.class, () -> server.send(ByteBuffer.allocate(0), target))
                            .getMessage());
            assertEquals("hi", exchange(client, address, "hi"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSendBufferLimitsTheSizeOfAPacket(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        for (int size : new int[] {0, 20_000}) {
            ServerOptions options = ServerOptions.DEFAULTS.sendBufferSize(size).maxDatagramSize(1_000_000);
            BlockingQueue<Integer> limits = new LinkedBlockingQueue<>();
            try (UnixDatagramServer server = server(address, options, request -> {
                        limits.add(request.maxReplySize());
                        assertThrows(
                                DatagramTooLongException.class,
                                () -> request.reply(new byte[request.maxReplySize() + 1]));
                        request.reply(new byte[request.maxReplySize()]);
                    });
                    AFUNIXDatagramChannel client = Peers.datagram(kind.in(folder, "c" + size))) {
                server.start();
                assertEquals(server.socketOption(StandardSocketOptions.SO_SNDBUF) - 32, askFor(client, address));
                assertEquals(server.socketOption(StandardSocketOptions.SO_SNDBUF) - 32, limits.take());
                // Linux doubles the requested size (socket(7)).
                assertEquals(size > 0 ? 40_000 : 212_992, server.socketOption(StandardSocketOptions.SO_SNDBUF));
                assertThrows(
                        IOException.class,
                        () -> client.send(ByteBuffer.allocate(300_000), address.forLibrary()),
                        "the client's own limit");
            }
        }
    }

    private static int askFor(AFUNIXDatagramChannel client, UnixAddress address) throws IOException {
        Peers.send(client, "?", address);
        ByteBuffer answer = ByteBuffer.allocate(1_000_000);
        client.receive(answer);
        return answer.position();
    }

    @Test
    void packetsOfAllSizesArriveUnchanged() throws IOException {
        UnixAddress address = Peers.freshName();
        try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO);
                AFUNIXDatagramChannel client = Peers.datagram(Peers.freshName())) {
            server.start();
            for (int size : new int[] {1, 2, 4_095, 4_096, 4_097, 65_535, 3}) {
                String text = "x".repeat(size - 1) + "y";
                assertEquals(text, exchange(client, address, text));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPacketThatIsTooLongIsDroppedOrMarkedAsTruncated(AddressKind kind) throws Exception {
        for (boolean deliver : new boolean[] {false, true}) {
            UnixAddress address = kind.in(folder, "s");
            ServerOptions options = ServerOptions.DEFAULTS.maxDatagramSize(4).deliverTruncated(deliver);
            BlockingQueue<String> seen = new LinkedBlockingQueue<>();
            try (UnixDatagramServer server =
                            server(address, options, request -> seen.add(text(request) + request.isTruncated()));
                    AFUNIXDatagramChannel client = Peers.datagram(UnixAddress.unnamed())) {
                server.listener(new RequestListener() {
                    @Override
                    public void datagramTruncated(SocketAddress sender, int size, boolean delivered) {
                        seen.add(sender + " " + size + " " + delivered);
                    }
                });
                server.start();
                Peers.send(client, "12345", address);
                Peers.send(client, "1234", address);
                assertEquals("unnamed 4 " + deliver, seen.take());
                if (deliver) {
                    assertEquals("1234true", seen.take());
                }
                assertEquals("1234false", seen.take());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplyWaitsForAFullQueueUntilTheWriteDeadline(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        ServerOptions options = ServerOptions.DEFAULTS.deadline(Deadline.WRITE, Duration.ofMillis(100));
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        try (UnixDatagramServer server = server(address, options, request -> {
                    try {
                        for (int sent = 0; ; sent++) {
                            request.reply(Integer.toString(sent).getBytes(StandardCharsets.UTF_8));
                        }
                    } catch (IOException failure) {
                        outcome.add(failure);
                    }
                });
                AFUNIXDatagramChannel client = Peers.datagram(kind.in(folder, "c"))) {
            server.start();
            Peers.send(client, "?", address);
            assertEquals(
                    "the queue to " + UnixAddress.ofLibrary(client.getLocalAddress()) + " was full for 100 ms",
                    assertInstanceOf(DeadlineException.class, outcome.take()).getMessage());
            client.configureBlocking(false);
            int count = 0;
            for (String next = Peers.receive(client); !next.isEmpty(); next = Peers.receive(client)) {
                assertEquals(Integer.toString(count++), next, "in order and complete");
            }
            assertTrue(count > 1);
        }
    }

    @Test
    void aReplyIsSentWhenAFullQueueHasRoomAgain() throws Exception {
        UnixAddress address = Peers.freshName();
        int many = 500;
        try (UnixDatagramServer server = new UnixDatagramServer(address, request -> {
                    for (int sent = 0; sent < many; sent++) {
                        request.reply(Integer.toString(sent).getBytes(StandardCharsets.UTF_8));
                    }
                });
                AFUNIXDatagramChannel client = Peers.datagram(Peers.freshName())) {
            server.start();
            Peers.send(client, "?", address);
            for (int received = 0; received < many; received++) {
                assertEquals(Integer.toString(received), Peers.receive(client));
            }
        }
    }

    @Test
    void aPacketCanOnlyBeSentToAUnixAddress() throws IOException {
        UnixAddress address = Peers.freshName();
        try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO)) {
            assertThrows(IllegalStateException.class, () -> server.socketOption(StandardSocketOptions.SO_SNDBUF));
            ByteBuffer bytes = ByteBuffer.wrap(new byte[1]);
            assertThrows(IllegalStateException.class, () -> server.send(bytes, address));
            server.bind();
            assertThrows(
                    IllegalArgumentException.class, () -> server.send(bytes, new InetSocketAddress("127.0.0.1", 1)));
            assertThrows(DisconnectedException.class, () -> server.send(bytes, UnixAddress.unnamed()));
            server.send(bytes, address);
            assertEquals(0, bytes.remaining());
        }
    }

    @Test
    void sendThrowsAfterClose() throws IOException {
        UnixAddress address = Peers.freshName();
        UnixDatagramServer server = new UnixDatagramServer(address, ECHO);
        server.bind();
        server.close();
        assertThrows(ClosedChannelException.class, () -> server.send(ByteBuffer.wrap(new byte[1]), address));
    }

    @Test
    void closedPacketCallsThrow() throws IOException {
        UnixAddress address = Peers.freshName();
        try (AFUNIXDatagramChannel own = Peers.datagram(address)) {
            PacketCalls replies = new LibraryPackets(own);
            replies.close();
            assertThrows(ClosedChannelException.class, () -> replies.offer(ByteBuffer.wrap(new byte[1]), address));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theAddressIsInUseUntilTheServerIsClosed(AddressKind kind) throws Exception {
        UnixAddress address = kind.in(folder, "s");
        try (AFUNIXDatagramChannel client = Peers.datagram(Peers.freshName())) {
            for (int round = 0; round < 3; round++) {
                try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO);
                        UnixDatagramServer second = new UnixDatagramServer(address, ECHO)) {
                    server.start();
                    assertEquals("hi", exchange(client, address, "hi"));
                    String message =
                            assertThrows(BindException.class, second::bind).getMessage();
                    assertTrue(
                            message.startsWith("can't serve on unix-datagram " + address + ": Address already in use"),
                            message);
                    assertEquals("hi", exchange(client, address, "hi"));
                }
            }
        }
    }

    @Test
    void noDescriptorLeaks() throws Exception {
        Path descriptors = Path.of("/proc/self/fd");
        Assumptions.assumeTrue(Files.isDirectory(descriptors), "no procfs");
        int before = 0;
        for (int round = 0; round < 30; round++) {
            for (AddressKind kind : AddressKind.values()) {
                Replies replies = new Replies(true);
                UnixAddress address = kind.in(folder, "s");
                UnixAddress own = kind.in(folder, "c" + round);
                try (UnixDatagramServer server = new UnixDatagramServer(address, replies)) {
                    server.start();
                    AFUNIXDatagramChannel gone = Peers.datagram(kind.in(folder, "gone" + round));
                    Peers.send(gone, "hi", address);
                    gone.close();
                    replies.signal.add("closed");
                    try (AFUNIXDatagramChannel client = Peers.datagram(own)) {
                        Peers.send(client, "hi", address);
                        replies.signal.add("reply");
                        assertEquals("hi", Peers.receive(client));
                    }
                    for (int i = 0; i < 4; i++) {
                        replies.outcomes.take();
                    }
                }
            }
            // Do not count descriptors that are opened on first use.
            if (round == 4) {
                before = sockets(descriptors);
            }
        }
        assertTrue(sockets(descriptors) <= before + 5, sockets(descriptors) + " after " + before);
    }

    private static int sockets(Path descriptors) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : open) {
                try {
                    count += Files.readSymbolicLink(descriptor).toString().startsWith("socket:") ? 1 : 0;
                } catch (NoSuchFileException closed) {
                    // The descriptor of the listing itself.
                }
            }
        }
        return count;
    }

    @Test
    void theReceiveBufferSizeReachesTheSocket() throws IOException {
        ServerOptions options = ServerOptions.DEFAULTS.receiveBufferSize(20_000);
        try (UnixDatagramServer server = server(Peers.freshName(), options, ECHO)) {
            server.bind();
            assertEquals(40_000, server.socketOption(StandardSocketOptions.SO_RCVBUF));
        }
    }

    @Test
    void anUnboundServerReceivesNothing() throws IOException {
        try (UnixDatagramServer server = new UnixDatagramServer(Peers.freshName(), ECHO);
                AFUNIXDatagramChannel idle = Peers.datagram(Peers.freshName())) {
            idle.configureBlocking(false);
            assertNull(server.receive(idle, ByteBuffer.allocate(10)));
        }
    }
}
