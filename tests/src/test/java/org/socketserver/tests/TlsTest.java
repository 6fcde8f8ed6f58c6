package org.socketserver.tests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.PeerRule;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.proxy.ProxyProtocol;
import org.socketserver.tls.Tls;
import org.socketserver.tls.TlsPeer;

/** What handlers, rules and clients see of TLS, under every mix-in. */
@EachStreamWay
class TlsTest extends ServingTest {
    /** Java sends no server name without a dot. */
    private static final String HOST = "server.example";

    private static final String ONLY_TCP = "the contract tests run over TLS on other transports too";

    private final Certificates authority = Certificates.authority("authority of servers");
    private final Certificates clients = Certificates.authority("authority of clients");

    @TempDir
    private Path folder = Path.of("");

    /** Answers each line with what TLS and the PROXY protocol have found out about the client. */
    public static final class WhoAmI extends StreamRequestHandler {
        /** Instantiated by the server. */
        public WhoAmI() {}

        @Override
        public void handle() throws IOException {
            while (readLine() != null) {
                TlsPeer peer = request().attribute(TlsPeer.class).orElseThrow();
                writeLine(peer.protocol() + " " + peer.name().orElse("nobody") + " "
                        + peer.sni().orElse("no name") + " " + clientAddress());
            }
        }
    }

    private Tls tls() throws IOException {
        authority.issue(HOST).write(folder, "server");
        return Tls.of(folder.resolve("server.pem"), folder.resolve("server.key"));
    }

    private Tls tlsForClients() throws IOException {
        clients.write(folder, "clients");
        return tls().clients(Tls.Clients.REQUIRED, folder.resolve("clients.pem"));
    }

    private BaseServer<?> serving(ServerOptions options, Tls tls) throws IOException {
        assumeTrue(setup.transport() == Transport.TCP, ONLY_TCP);
        BaseServer<?> server = server(WhoAmI.class, options);
        server.layer(tls);
        return server;
    }

    private SocketChannel raw(BaseServer<?> server) throws IOException {
        return closeLater(SocketChannel.open(server.address()));
    }

    private StreamClient connect(BaseServer<?> server, SSLContext context) throws IOException {
        return secured(raw(server), context);
    }

    private StreamClient secured(SocketChannel channel, SSLContext context) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(channel.socket(), HOST, 0, true);
        return closeLater(new StreamClient(channel, socket));
    }

    private SSLContext stranger() {
        return Certificates.trusting(authority);
    }

    private SSLContext client(String name) {
        return clients.issue(name).context(authority);
    }

    @Test
    void theHandlerSeesTheClientsCertificateAndName() throws Exception {
        BaseServer<?> server = serving(options(), tlsForClients());
        server.start();
        StreamClient alice = connect(server, client("alice"));
        assertEquals("TLSv1.3 CN=alice server.example " + alice.address(), alice.ask("x"));
    }

    @Test
    void aClientWithoutACertificateOfTheAuthorityIsRejected() throws Exception {
        BaseServer<?> server = serving(options(), tlsForClients());
        server.start();
        for (SSLContext context : List.of(stranger(), authority.issue("mallory").context(authority))) {
            try {
                connect(server, context).ask("x");
            } catch (IOException refused) {
                // Or an end of input.
            }
        }
        events.awaitEnds(2)
                .forEach(end ->
                        assertSame(Rejection.HANDSHAKE_FAILED, end.rejection().orElseThrow()));
        assertEquals(0, hooks.count("processRequest"));
        assertEquals("TLSv1.3", connect(server, client("alice")).ask("x").split(" ")[0]);
    }

    @Test
    void aRuleCanUseTheCertificate() throws Exception {
        PeerRule mallory = request -> ((StreamRequest) request)
                .attribute(TlsPeer.class)
                .flatMap(TlsPeer::name)
                .equals(Optional.of("CN=mallory"));
        BaseServer<?> server = serving(options().limits(Limits.NONE.deny(mallory)), tlsForClients());
        server.start();
        assertNull(connect(server, client("mallory")).ask("x"));
        assertSame(Rejection.DENIED, events.awaitEnds(1).get(0).rejection().orElseThrow());
        assertEquals("CN=alice", connect(server, client("alice")).ask("x").split(" ")[1]);
    }

    @Test
    void theProxyHeaderComesBeforeTls() throws Exception {
        assumeTrue(setup.transport() == Transport.TCP, ONLY_TCP);
        BaseServer<?> proxied = server(WhoAmI.class, options());
        proxied.layer(ProxyProtocol.from(Network.parse("127.0.0.1")));
        proxied.layer(tls());
        proxied.start();
        SocketChannel channel = raw(proxied);
        channel.write(ByteBuffer.wrap("PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n".getBytes(US_ASCII)));
        assertEquals(
                "TLSv1.3 nobody server.example /192.0.2.1:1000",
                secured(channel, stranger()).ask("x"));
    }

    @Test
    void threeHundredSilentAndTenSlowHandshakesDelayNobody() throws Exception {
        assumeTrue(setup.isConcurrent());
        assumeTrue(setup.transport() == Transport.TCP, ONLY_TCP);
        Bounded bounded = setup.concurrency().bounded(setup.isForking() ? 4 : 10);
        BaseServer<?> server = server(WhoAmI.class, options(), bounded);
        server.layer(tls());
        server.start();
        List<SocketChannel> silent = new ArrayList<>();
        for (int count = 0; count < 310; count++) {
            silent.add(raw(server));
        }
        AtomicBoolean over = new AtomicBoolean();
        var dribbling = inBackground(() -> {
            // The beginning of a ClientHello, byte by byte.
            byte[] hello = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
            for (int at = 0; !over.get(); at = Math.min(at + 1, hello.length - 1)) {
                for (SocketChannel each : silent.subList(300, 310)) {
                    each.write(ByteBuffer.wrap(hello, at, 1));
                }
                Thread.sleep(50);
            }
        });
        StreamClient client = connect(server, stranger());
        assertEquals("TLSv1.3", client.ask("x").split(" ")[0]);
        // All are still in their handshake, so nothing was freed for this client.
        assertEquals(311, server.stats().active());
        over.set(true);
        await(dribbling);
    }

    @Test
    void aReloadUnderLoadFailsNoHandshakeAndEndsNoConnection() throws Exception {
        assumeTrue(setup.isConcurrent() && !setup.isForking());
        Tls tls = tls().reloadEvery(Duration.ofMillis(1));
        BaseServer<?> server = serving(options(), tls);
        server.start();
        StreamClient old = connect(server, stranger());
        old.ask("x");
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService load = Executors.newFixedThreadPool(2);
        try {
            Callable<Integer> handshakes = () -> {
                int count = 0;
                for (; !over.get(); count++) {
                    try (StreamClient client = secured(SocketChannel.open(server.address()), stranger())) {
                        assertEquals("TLSv1.3", client.ask("x").split(" ")[0]);
                    }
                }
                return count;
            };
            Future<Integer> one = load.submit(handshakes);
            Future<Integer> two = load.submit(handshakes);
            for (int round = 0; round < 20; round++) {
                authority.issue(HOST).write(folder, "server");
                Thread.sleep(20);
            }
            over.set(true);
            assertTrue(one.get() > 0 && two.get() > 0);
        } finally {
            load.shutdownNow();
        }
        assertEquals("TLSv1.3", old.ask("y").split(" ")[0]);
        assertEquals(0, server.stats().rejected(Rejection.HANDSHAKE_FAILED));
    }

    @Test
    void aStopEndsAnIdleConnectionWithCloseNotify() throws Exception {
        BaseServer<?> server = serving(options(), tls());
        server.start();
        StreamClient client = connect(server, stranger());
        client.ask("x");
        assertEquals(List.of(), server.shutdown(Duration.ofSeconds(20)).forced());
        assertTrue(client.isAtEnd());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
