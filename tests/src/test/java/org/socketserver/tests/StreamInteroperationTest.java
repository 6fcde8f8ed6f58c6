package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.tcp.TcpServer;
import org.socketserver.unix.UnixAddress;
import org.socketserver.unix.UnixStreamServer;

/** Connections from Python, bash and socat. */
class StreamInteroperationTest {
    private static final RequestHandler<Request> ECHO =
            request -> request.input().transferTo(request.output());

    public static final class Shout extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(line.toUpperCase(Locale.ROOT));
            }
        }
    }

    private static TcpServer tcp(String host, RequestHandler<Request> handler) throws IOException {
        TcpServer server = new TcpServer(new InetSocketAddress(host, 0), handler);
        server.start();
        return server;
    }

    private static String port(TcpServer server) {
        return "" + server.address().getPort();
    }

    @EnumSource
    @ParameterizedTest
    void bashTalksOverItsOwnSockets(Concurrency concurrency) throws Exception {
        assumeTrue(concurrency.isAvailable(), "needs virtual threads");
        try (TcpServer server = new TcpServer(new InetSocketAddress("127.0.0.1", 0), Shout.class)) {
            concurrency.mixInto(server);
            server.start();
            String line = "exec 3<>/dev/tcp/127.0.0.1/" + port(server)
                    + "; echo one >&3; read a <&3; echo two >&3; read b <&3; echo $a $b";
            assertEquals("ONE TWO\n", Tools.bash(line));
        }
    }

    @Test
    void socatTalksOverIpv4AndIpv6AndOneServerAcceptsBoth() throws Exception {
        CompletableFuture<Object> peer = new CompletableFuture<>();
        try (TcpServer server = tcp("::", request -> {
            peer.complete(((InetSocketAddress) request.clientAddress()).getAddress());
            ECHO.handle(request);
        })) {
            assertEquals("four\n", Tools.socat("echo four | socat -t 9 - tcp4:127.0.0.1:" + port(server)));
            assertEquals(Inet4Address.getByName("127.0.0.1"), peer.get());
            assertEquals("six\n", Tools.socat("echo six | socat -t 9 - 'tcp6:[::1]:" + port(server) + "'"));
        }
        try (TcpServer server = tcp("::1", ECHO)) {
            assertEquals("six\n", Tools.socat("echo six | socat -t 9 - 'tcp6:[::1]:" + port(server) + "'"));
        }
    }

    @Test
    void socatTalksOverAPathAndAnAbstractName() throws Exception {
        Path folder = Files.createTempDirectory("ss");
        Path path = folder.resolve("s");
        String name = "interoperation-" + UUID.randomUUID();
        try (UnixStreamServer byPath = new UnixStreamServer(path.toString(), Shout.class);
                UnixStreamServer byName = new UnixStreamServer(UnixAddress.abstractName(name), Shout.class)) {
            byPath.start();
            byName.start();
            assertEquals("PATH\n", Tools.socat("echo path | socat -t 9 - unix-connect:" + path));
            assertEquals("NAME\n", Tools.socat("echo name | socat -t 9 - abstract-connect:" + name));
        }
        Files.delete(folder);
    }

    /** Closes its output first and reads the answer afterwards. */
    private static final String HALF_CLOSE = """
            def client(s):
                s.sendall(b'all of it')
                s.shutdown(socket.SHUT_WR)
                got = b''
                while True:
                    part = s.recv(100)
                    if not part:
                        return got.decode()
                    got += part
            """;

    @Test
    void theAnswerComesAfterAHalfCloseOnEveryStreamTransport() throws Exception {
        RequestHandler<Request> afterTheEnd = request -> {
            byte[] all = request.input().readAllBytes();
            request.output().write((all.length + " bytes").getBytes("US-ASCII"));
        };
        try (TcpServer server = tcp("127.0.0.1", afterTheEnd)) {
            assertEquals(
                    "9 bytes\n",
                    Tools.python(
                            HALF_CLOSE + "print(client(socket.create_connection(('127.0.0.1', int(sys.argv[1])))))",
                            port(server)));
        }
        Path folder = Files.createTempDirectory("ss");
        for (UnixAddress address : new UnixAddress[] {
            UnixAddress.path(folder.resolve("s")), UnixAddress.abstractName("" + UUID.randomUUID())
        }) {
            try (UnixStreamServer server = new UnixStreamServer(address, afterTheEnd)) {
                server.start();
                String connect = "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1].replace('@', '\\0')); "
                        + "print(client(s))";
                assertEquals("9 bytes\n", Tools.python(HALF_CLOSE + connect, address.toString()));
            }
        }
        Files.delete(folder);
    }

    @Test
    void tenMegabytesAreEchoedToASlowReader() throws Exception {
        String program = """
                import hashlib, threading
                s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
                data = bytes(range(256)) * 40960
                def send():
                    s.sendall(data)
                    s.shutdown(socket.SHUT_WR)
                threading.Thread(target=send).start()
                got, size, pauses = hashlib.sha256(), 0, 0
                while True:
                    part = s.recv(65536)
                    if not part:
                        break
                    got.update(part)
                    size += len(part)
                    if size // 1000000 > pauses:
                        pauses += 1
                        time.sleep(0.05)
                print(size, got.digest() == hashlib.sha256(data).digest())
                """;
        try (TcpServer server = tcp("127.0.0.1", ECHO)) {
            assertEquals("10485760 True\n", Tools.python(program, port(server)));
        }
    }

    @Test
    void manyPythonClientsAtOnceAreAllServed() throws Exception {
        String program = """
                from concurrent.futures import ThreadPoolExecutor
                def one(i):
                    with socket.create_connection(('127.0.0.1', int(sys.argv[1]))) as s:
                        f = s.makefile('rw')
                        for k in range(20):
                            f.write('line %d %d\\n' % (i, k)); f.flush()
                            if f.readline() != 'LINE %d %d\\n' % (i, k):
                                return 0
                    return 1
                with ThreadPoolExecutor(50) as pool:
                    print(sum(pool.map(one, range(200))))
                """;
        for (Concurrency concurrency : Concurrency.values()) {
            if (concurrency.isThreaded() && concurrency.isAvailable()) {
                BaseServer<?> server = new TcpServer(new InetSocketAddress("127.0.0.1", 0), Shout.class);
                try (server) {
                    concurrency.mixInto(server);
                    server.start();
                    int port = ((InetSocketAddress) server.address()).getPort();
                    assertTrue(port > 0);
                    assertEquals("200\n", Tools.python(program, "" + port));
                }
            }
        }
    }
}
