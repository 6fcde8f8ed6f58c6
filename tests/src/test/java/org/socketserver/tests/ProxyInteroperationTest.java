package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.Network;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.proxy.ProxyHeader;
import org.socketserver.proxy.ProxyProtocol;
import org.socketserver.tcp.TcpServer;

/** HAProxy in front of a server. */
class ProxyInteroperationTest {
    /** What HAProxy is told to send. */
    enum Option {
        V1("send-proxy", "v1 PROXY TCP4"),
        V2("send-proxy-v2", "v2 PROXY TCP4"),
        V2_WITH_TLS("send-proxy-v2-ssl-cn", "v2 PROXY TCP4"),
        V2_WITH_ALL("send-proxy-v2 proxy-v2-options crc32c,authority,unique-id,ssl,cert-cn", "v2 PROXY TCP4");

        private final String option;
        private final String header;

        Option(String option, String header) {
            this.option = option;
            this.header = header;
        }
    }

    @TempDir
    Path folder;

    @EnumSource
    @ParameterizedTest
    void theHandlerSeesTheClientOfHaproxy(Option option) throws Exception {
        try (TcpServer server = proxied()) {
            int port = Ports.free().getPort();
            Process haproxy =
                    haproxy(port, "server s 127.0.0.1:" + server.address().getPort() + " " + option.option);
            try (Socket client = connect(port, haproxy)) {
                // HAProxy gives up its connection to the server if a client ends its output before it has sent a byte.
                client.getOutputStream().write('x');
                client.shutdownOutput();
                String address = client.getLocalAddress().getHostAddress() + ":" + client.getLocalPort();
                String answer = new String(client.getInputStream().readAllBytes(), "US-ASCII");
                assertEquals(address + " " + option.header + " " + address + " 127.0.0.1:" + port, answer);
            } finally {
                stop(haproxy);
            }
        }
    }

    @Test
    void healthChecksOfHaproxyAreNotLogged() throws Exception {
        try (CapturedLog log = CapturedLog.begin();
                TcpServer server = proxied()) {
            String checked = "server %s 127.0.0.1:" + server.address().getPort() + " check inter 50 %s";
            Process haproxy = haproxy(
                    Ports.free().getPort(),
                    checked.formatted("a", "send-proxy"),
                    checked.formatted("b", "send-proxy-v2"),
                    checked.formatted("c", "send-proxy-v2-ssl-cn"));
            try {
                long began = System.nanoTime();
                while (server.stats().accepted() < 30) {
                    assertTrue(ServingTest.millisSince(began) < 20_000, () -> "checks: " + server.stats());
                    Thread.sleep(10);
                }
                assertEquals(List.of(), log.messages(Level.INFO));
            } finally {
                stop(haproxy);
            }
        }
    }

    private static TcpServer proxied() throws IOException {
        TcpServer server = new TcpServer(
                new InetSocketAddress("127.0.0.1", 0), ProxyInteroperationTest::answer, ServerOptions.DEFAULTS);
        server.layer(ProxyProtocol.from(Network.parse("127.0.0.0/8")));
        server.mixIn(new ThreadingMixIn());
        server.start();
        return server;
    }

    private static void answer(Request request) throws IOException {
        request.input().readAllBytes();
        var client = (InetSocketAddress) request.clientAddress();
        var header = ((StreamRequest) request).attribute(ProxyHeader.class).orElseThrow();
        String text = client.getAddress().getHostAddress() + ":" + client.getPort() + " " + header;
        request.output().write(text.getBytes("US-ASCII"));
    }

    private Process haproxy(int port, String... servers) throws IOException, InterruptedException {
        Tools.require("haproxy");
        Path configuration = folder.resolve("haproxy.cfg");
        Files.writeString(configuration, """
                defaults
                    mode tcp
                    timeout connect 5s
                    timeout client 20s
                    timeout server 20s
                listen front
                    bind 127.0.0.1:%d
                    %s
                """.formatted(port, String.join("\n    ", servers)));
        return new ProcessBuilder("haproxy", "-db", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("haproxy.log").toFile())
                .start();
    }

    private Socket connect(int port, Process haproxy) throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (true) {
            try {
                return new Socket("127.0.0.1", port);
            } catch (IOException notYet) {
                if (!haproxy.isAlive() || ServingTest.millisSince(began) > 20_000) {
                    throw new IOException(Files.readString(folder.resolve("haproxy.log")), notYet);
                }
                Thread.sleep(10);
            }
        }
    }

    private static void stop(Process haproxy) throws InterruptedException {
        haproxy.destroyForcibly().waitFor();
    }
}
