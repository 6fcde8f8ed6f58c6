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
import java.util.function.Function;
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

    /** The two ways of an address. */
    enum Kind {
        PATH,
        ABSTRACT
    }

    public static final class Echo extends BaseRequestHandler<DatagramRequest> {
        @Override
        public void handle() throws IOException {
            request().output().write(request().data());
        }
    }

    /** Takes each packet, and what became of the reply to it. */
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

    /** Without arguments for a class; with one for a factory that shares something. */
    public static final class Two extends BaseRequestHandler<DatagramRequest> {
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

    private static String text(DatagramRequest request) {
        return new String(request.data(), StandardCharsets.UTF_8);
    }

    private UnixAddress address(Kind kind, String name) {
        return kind == Kind.ABSTRACT ? Peers.freshName() : UnixAddress.path(folder.resolve(name));
    }

    private static UnixDatagramServer server(
            UnixAddress address, ServerOptions options, RequestHandler<DatagramRequest> handler) {
        return new UnixDatagramServer(address, HandlerSource.ofFunction(handler), options);
    }

    private static String exchange(AFUNIXDatagramChannel client, UnixAddress server, String text) throws IOException {
        Peers.send(client, text, server);
        return Peers.receive(client);
    }

    @Test
    void aHandlerIsAClassAFactoryOrAFunctionAndAnAddressAPathOrAName() throws IOException {
        Path path = folder.resolve("s");
        List<Function<UnixAddress, UnixDatagramServer>> byAddress = List.of(
                address -> new UnixDatagramServer(address, Echo.class),
                address -> new UnixDatagramServer(address, Echo.class, ServerOptions.DEFAULTS),
                address -> new UnixDatagramServer(address, Echo::new),
                address -> new UnixDatagramServer(address, ECHO),
                address -> new UnixDatagramServer(address, HandlerSource.ofFunction(ECHO), ServerOptions.DEFAULTS));
        List<UnixDatagramServer> servers = new ArrayList<>(List.of(
                new UnixDatagramServer(UnixAddress.path(path), Echo.class),
                new UnixDatagramServer(UnixAddress.path(path), Echo.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.path(path), Echo::new),
                new UnixDatagramServer(UnixAddress.path(path), request -> ECHO.handle(request))));
        for (var constructor : byAddress) {
            servers.add(constructor.apply(UnixAddress.path(path)));
            servers.add(constructor.apply(Peers.freshName()));
        }
        try (AFUNIXDatagramChannel client = Peers.datagram(Peers.freshName())) {
            for (UnixDatagramServer server : servers) {
                server.start();
                assertEquals("unix-datagram " + server.address(), server.name());
                assertEquals("hi", exchange(client, server.address(), "hi"));
                server.close();
            }
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
        List<UnixDatagramServer> servers = List.of(
                new UnixDatagramServer(path.toString(), Two.class),
                new UnixDatagramServer(path.toString(), Two.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer(path.toString(), Two::new),
                new UnixDatagramServer(path.toString(), Two::new, ServerOptions.DEFAULTS),
                new UnixDatagramServer(path.toString(), () -> new Two(handled)),
                new UnixDatagramServer(path.toString(), () -> new Two(handled), ServerOptions.DEFAULTS),
                new UnixDatagramServer(path.toString(), UnixDatagramServerTest::echo),
                new UnixDatagramServer(path.toString(), UnixDatagramServerTest::echo, ServerOptions.DEFAULTS),
                new UnixDatagramServer(
                        path.toString(), request -> request.input().transferTo(request.output())),
                new UnixDatagramServer(
                        path.toString(),
                        request -> request.input().transferTo(request.output()),
                        ServerOptions.DEFAULTS),
                new UnixDatagramServer(path.toString(), request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixDatagramServer(
                        path.toString(),
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS),
                new UnixDatagramServer("@" + name, Two.class),
                new UnixDatagramServer("@" + name, Two.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer("@" + name, Two::new),
                new UnixDatagramServer("@" + name, Two::new, ServerOptions.DEFAULTS),
                new UnixDatagramServer("@" + name, () -> new Two(handled)),
                new UnixDatagramServer("@" + name, () -> new Two(handled), ServerOptions.DEFAULTS),
                new UnixDatagramServer("@" + name, UnixDatagramServerTest::echo),
                new UnixDatagramServer("@" + name, UnixDatagramServerTest::echo, ServerOptions.DEFAULTS),
                new UnixDatagramServer("@" + name, request -> request.input().transferTo(request.output())),
                new UnixDatagramServer(
                        "@" + name, request -> request.input().transferTo(request.output()), ServerOptions.DEFAULTS),
                new UnixDatagramServer("@" + name, request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixDatagramServer(
                        "@" + name,
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.path(path), Two.class),
                new UnixDatagramServer(UnixAddress.path(path), Two.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.path(path), Two::new),
                new UnixDatagramServer(UnixAddress.path(path), Two::new, ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.path(path), () -> new Two(handled)),
                new UnixDatagramServer(UnixAddress.path(path), () -> new Two(handled), ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.path(path), UnixDatagramServerTest::echo),
                new UnixDatagramServer(UnixAddress.path(path), UnixDatagramServerTest::echo, ServerOptions.DEFAULTS),
                new UnixDatagramServer(
                        UnixAddress.path(path), request -> request.input().transferTo(request.output())),
                new UnixDatagramServer(
                        UnixAddress.path(path),
                        request -> request.input().transferTo(request.output()),
                        ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.path(path), request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixDatagramServer(
                        UnixAddress.path(path),
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.abstractName(name), Two.class),
                new UnixDatagramServer(UnixAddress.abstractName(name), Two.class, ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.abstractName(name), Two::new),
                new UnixDatagramServer(UnixAddress.abstractName(name), Two::new, ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.abstractName(name), () -> new Two(handled)),
                new UnixDatagramServer(UnixAddress.abstractName(name), () -> new Two(handled), ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.abstractName(name), UnixDatagramServerTest::echo),
                new UnixDatagramServer(
                        UnixAddress.abstractName(name), UnixDatagramServerTest::echo, ServerOptions.DEFAULTS),
                new UnixDatagramServer(
                        UnixAddress.abstractName(name),
                        request -> request.input().transferTo(request.output())),
                new UnixDatagramServer(
                        UnixAddress.abstractName(name),
                        request -> request.input().transferTo(request.output()),
                        ServerOptions.DEFAULTS),
                new UnixDatagramServer(UnixAddress.abstractName(name), request -> {
                    request.input().transferTo(request.output());
                    handled.incrementAndGet();
                }),
                new UnixDatagramServer(
                        UnixAddress.abstractName(name),
                        request -> {
                            request.input().transferTo(request.output());
                            handled.incrementAndGet();
                        },
                        ServerOptions.DEFAULTS));
        try (AFUNIXDatagramChannel client = Peers.datagram(Peers.freshName())) {
            for (UnixDatagramServer server : servers) {
                server.start();
                assertEquals("hi", exchange(client, server.address(), "hi"));
                server.close();
            }
        }
        assertEquals(16, handled.get());
    }

    @ParameterizedTest
    @EnumSource
    void aReplyComesFromTheServersOwnAddress(Kind kind) throws Exception {
        UnixAddress address = address(kind, "s");
        UnixAddress own = address(kind, "c");
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
    void aSenderThatTheKernelNamedIsAnswered(Kind kind) throws Exception {
        UnixAddress address = address(kind, "s");
        try (UnixDatagramServer server = new UnixDatagramServer(address, ECHO)) {
            server.start();
            // An empty name asks for one: five digits in the abstract namespace (unix(7), autobind).
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
    void aSenderWhoseNameIsNoTextIsAnswered() throws Exception {
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
    void anUnnamedSenderIsHeardAndCannotBeAnswered(Kind kind) throws Exception {
        UnixAddress address = address(kind, "s");
        Replies replies = new Replies(false);
        try (UnixDatagramServer server = new UnixDatagramServer(address, replies);
                AFUNIXDatagramChannel unnamed = Peers.datagram(UnixAddress.unnamed());
                AFUNIXDatagramChannel named = Peers.datagram(address(kind, "c"))) {
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
    void aSenderThatHasGoneHarmsNobodyElse(Kind kind) throws Exception {
        UnixAddress address = address(kind, "s");
        UnixAddress dead = address(kind, "dead");
        Replies replies = new Replies(true);
        try (UnixDatagramServer server = new UnixDatagramServer(address, replies);
                AFUNIXDatagramChannel other = Peers.datagram(address(kind, "c"))) {
            server.start();
            for (int round = 0; round < 3; round++) {
                AFUNIXDatagramChannel client = Peers.datagram(dead);
                Peers.send(client, "last words", address);
                assertEquals("last words", replies.outcomes.take());
                client.close();
                replies.signal.add("gone");
                assertEquals(
                        dead + " can't be reached: Connection refused",
                        assertInstanceOf(DisconnectedException.class, replies.outcomes.take())
                                .getMessage());
                Files.deleteIfExists(folder.resolve("dead"));

                Peers.send(other, "hi", address);
                assertEquals("hi", replies.outcomes.take());
                replies.signal.add("go on");
                assertEquals("hi", Peers.receive(other));
                replies.outcomes.take();
            }
            if (kind == Kind.PATH) {
                assertTrue(
                        Files.exists(folder.resolve("s")), "the server's file outlives what the replies went through");
            }
        }
    }

    @Test
    void aSenderWhoseFileWasRemovedHasGone() throws Exception {
        UnixAddress address = address(Kind.PATH, "s");
        Replies replies = new Replies(true);
        try (UnixDatagramServer server = new UnixDatagramServer(address, replies);
                AFUNIXDatagramChannel client = Peers.datagram(address(Kind.PATH, "c"))) {
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
    void aSenderThatHasEndedItsInputHasGone() throws Exception {
        UnixAddress address = Peers.freshName();
        Replies replies = new Replies(false);
        try (UnixDatagramServer server = new UnixDatagramServer(address, replies);
                AFUNIXDatagramChannel other = Peers.datagram(Peers.freshName())) {
            server.start();
            // It stays open until it gets the answer that never comes.
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
    void aSenderWhoseAddressIsNowSomethingElseCantBeReached() throws Exception {
        UnixAddress address = address(Kind.PATH, "s");
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
    void emptyPacketsAreLostAndTheNextIsHeard(Kind kind) throws Exception {
        UnixAddress address = address(kind, "s");
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
    void aSocketThatSomebodyElseHasClosedEndsServingWithTheException() {
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
    void anEmptyPacketIsNotSentAndNotKeptSilent() throws IOException {
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
    void aPacketMayBeAsLongAsTheSendBufferAllows(Kind kind) throws Exception {
        UnixAddress address = address(kind, "s");
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
                    AFUNIXDatagramChannel client = Peers.datagram(address(kind, "c" + size))) {
                server.start();
                assertEquals(server.socketOption(StandardSocketOptions.SO_SNDBUF) - 32, askFor(client, address));
                assertEquals(server.socketOption(StandardSocketOptions.SO_SNDBUF) - 32, limits.take());
                // Linux keeps twice what was asked for (socket(7)).
                assertEquals(size > 0 ? 40_000 : 212_992, server.socketOption(StandardSocketOptions.SO_SNDBUF));
                assertThrows(
                        IOException.class,
                        () -> client.send(ByteBuffer.allocate(300_000), address.forLibrary()),
                        "the kernel's own limit for the other side");
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
    void packetsOfAnySizeArriveWholeAndInTheirOwnBytes() throws IOException {
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
    void aPacketThatIsTooLongIsDroppedOrMarked(Kind kind) throws Exception {
        for (boolean deliver : new boolean[] {false, true}) {
            UnixAddress address = address(kind, "s");
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
    void aReplyWaitsForAFullQueueAndNoLongerThanTheWriteTimeout(Kind kind) throws Exception {
        UnixAddress address = address(kind, "s");
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
                AFUNIXDatagramChannel client = Peers.datagram(address(kind, "c"))) {
            server.start();
            Peers.send(client, "?", address);
            assertEquals(
                    "the queue to " + UnixAddress.ofLibrary(client.getLocalAddress()) + " was full for 100 ms",
                    assertInstanceOf(DeadlineException.class, outcome.take()).getMessage());
            client.configureBlocking(false);
            int count = 0;
            for (String next = Peers.receive(client); !next.isEmpty(); next = Peers.receive(client)) {
                assertEquals(Integer.toString(count++), next, "in order, and none lost");
            }
            assertTrue(count > 1);
        }
    }

    @Test
    void aReplyThatFoundTheQueueFullIsSentWhenThereIsRoom() throws Exception {
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
    void aPacketGoesToAUnixAddressOnly() throws IOException {
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
    void aClosedServerSendsNothing() throws IOException {
        UnixAddress address = Peers.freshName();
        UnixDatagramServer server = new UnixDatagramServer(address, ECHO);
        server.bind();
        server.close();
        assertThrows(ClosedChannelException.class, () -> server.send(ByteBuffer.wrap(new byte[1]), address));
    }

    @Test
    void closedPacketCallsSendNoMore() throws IOException {
        UnixAddress address = Peers.freshName();
        try (AFUNIXDatagramChannel own = Peers.datagram(address)) {
            PacketCalls replies = new LibraryPackets(own);
            replies.close();
            assertThrows(ClosedChannelException.class, () -> replies.offer(ByteBuffer.wrap(new byte[1]), address));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedServerLeavesTheAddressToTheNext(Kind kind) throws Exception {
        UnixAddress address = address(kind, "s");
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
    void noDescriptorIsLeftBehind() throws Exception {
        Path descriptors = Path.of("/proc/self/fd");
        Assumptions.assumeTrue(Files.isDirectory(descriptors), "no procfs");
        int before = 0;
        for (int round = 0; round < 30; round++) {
            for (Kind kind : Kind.values()) {
                Replies replies = new Replies(true);
                UnixAddress address = address(kind, "s");
                UnixAddress own = address(kind, "c" + round);
                try (UnixDatagramServer server = new UnixDatagramServer(address, replies)) {
                    server.start();
                    AFUNIXDatagramChannel gone = Peers.datagram(address(kind, "gone" + round));
                    Peers.send(gone, "hi", address);
                    gone.close();
                    replies.signal.add("gone");
                    try (AFUNIXDatagramChannel client = Peers.datagram(own)) {
                        Peers.send(client, "hi", address);
                        replies.signal.add("go on");
                        assertEquals("hi", Peers.receive(client));
                    }
                    for (int i = 0; i < 4; i++) {
                        replies.outcomes.take();
                    }
                }
            }
            // What loading and the first use of everything open is not counted.
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
                    // It was that of the listing.
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
    void aServerThatWasNeverBoundReceivesNothing() throws IOException {
        try (UnixDatagramServer server = new UnixDatagramServer(Peers.freshName(), ECHO);
                AFUNIXDatagramChannel idle = Peers.datagram(Peers.freshName())) {
            idle.configureBlocking(false);
            assertNull(server.receive(idle, ByteBuffer.allocate(10)));
        }
    }
}
