package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixAddress;
import org.socketserver.unix.UnixDatagramServer;

/** Packets of Python, bash and socat clients. */
class DatagramInteroperationTest {
    /** Answers in upper case, except to "quiet". */
    public static final class Answer extends DatagramRequestHandler {
        @Override
        public void handle() throws IOException {
            if (!text().startsWith("quiet")) {
                write(text().toUpperCase(Locale.ROOT));
            }
        }
    }

    private static UdpServer udp(String host) throws IOException {
        UdpServer server = new UdpServer(new InetSocketAddress(host, 0), Answer.class);
        server.start();
        return server;
    }

    private static String port(UdpServer server) {
        return "" + server.address().getPort();
    }

    @Test
    void bashAndSocatTalkOverUdp() throws Exception {
        try (UdpServer server = udp("::")) {
            assertEquals(
                    "BASH\n",
                    Tools.bash("exec 3<>/dev/udp/127.0.0.1/" + port(server) + "; echo bash >&3; head -n 1 <&3"));
            assertEquals("FOUR\n", Tools.socat("echo four | socat -t 1 - udp4:127.0.0.1:" + port(server)));
            assertEquals("SIX\n", Tools.socat("echo six | socat -t 1 - 'udp6:[::1]:" + port(server) + "'"));
        }
    }

    /** Uses a connected socket, which receives replies only from the server's own address. */
    private static final String CONNECTED = """
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.settimeout(20)
            s.connect(('127.0.0.1', int(sys.argv[1])))
            """;

    @Test
    void theLargestDatagramGoesBothWays() throws Exception {
        String program = CONNECTED + "s.send(b'x' * 65507); print(s.recv(70000) == b'X' * 65507)";
        try (UdpServer server = udp("127.0.0.1")) {
            assertEquals("True\n", Tools.python(program, port(server)));
        }
    }

    @Test
    void noReplyIsSentUnlessSomethingWasWritten() throws Exception {
        String program = CONNECTED + "s.send(b'quiet'); s.send(b''); s.send(b'loud'); print(s.recv(100).decode())";
        try (UdpServer server = udp("127.0.0.1")) {
            assertEquals("LOUD\n", Tools.python(program, port(server)));
        }
    }

    @Test
    void answersGoToTheRightPeerUnderThreading() throws Exception {
        String program = """
                from concurrent.futures import ThreadPoolExecutor
                def one(i):
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    s.settimeout(20)
                    s.connect(('127.0.0.1', int(sys.argv[1])))
                    for k in range(20):
                        s.send(b'peer %d %d' % (i, k))
                        if s.recv(100) != b'PEER %d %d' % (i, k):
                            return 0
                    return 1
                with ThreadPoolExecutor(8) as pool:
                    print(sum(pool.map(one, range(40))))
                """;
        try (UdpServer server = new UdpServer(new InetSocketAddress("127.0.0.1", 0), Answer.class)) {
            server.mixIn(new ThreadingMixIn());
            server.start();
            assertEquals("40\n", Tools.python(program, port(server)));
        }
    }

    @Test
    void pythonAndSocatTalkOverAPathAndAnAbstractName() throws Exception {
        Path folder = Files.createTempDirectory("ss");
        Path client = folder.resolve("c");
        String name = "interoperation-" + UUID.randomUUID();
        ServerOptions options = ServerOptions.DEFAULTS;
        try (UnixDatagramServer byPath = new UnixDatagramServer(
                        UnixAddress.path(folder.resolve("s")), HandlerSource.ofClass(Answer.class), options);
                UnixDatagramServer byName = new UnixDatagramServer(
                        UnixAddress.abstractName(name), HandlerSource.ofClass(Answer.class), options)) {
            byPath.start();
            byName.start();
            assertEquals(
                    "PATH\n",
                    Tools.socat("echo path | socat -t 1 - unix-sendto:" + byPath.address() + ",bind=" + client));
            assertEquals(
                    "NAME\n",
                    Tools.socat("echo name | socat -t 1 - abstract-sendto:" + name + ",bind=" + name + "-client"));
            // The kernel chooses the name of a socket that is bound to '' (autobind, unix(7)).
            String autobind = """
                    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    s.settimeout(20)
                    s.bind('')
                    for to in sys.argv[1:]:
                        s.sendto(b'auto', to.replace('@', '\\0'))
                        print(s.recv(100).decode())
                    """;
            assertEquals(
                    "AUTO\nAUTO\n",
                    Tools.python(
                            autobind,
                            byPath.address().toString(),
                            byName.address().toString()));
        }
        Files.deleteIfExists(client);
        Files.delete(folder);
    }
}
