package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.proxy.ProxyHeader;
import org.socketserver.proxy.ProxyProtocol;

/** Behind a proxy, handlers and limits see the client's address on every stream transport and under every mix-in. */
@EachStreamWay
class ProxyTest extends ServingTest {
    /** Answers each line with the addresses of the request and with the header. */
    public static final class Addresses extends StreamRequestHandler {
        /** Instantiated by the server. */
        public Addresses() {}

        @Override
        public void handle() throws IOException {
            while (readLine() != null) {
                ProxyHeader header = request().attribute(ProxyHeader.class).orElseThrow();
                writeLine(request().clientAddress() + " " + request().serverAddress() + " " + header);
            }
        }
    }

    @BeforeEach
    void onlyOwnLayers() {
        assumeFalse(setup.transport().isTls(), "these tests have layers of their own");
    }

    private BaseServer<?> proxied(ServerOptions options) throws IOException {
        return proxied(server(Addresses.class, options));
    }

    private static BaseServer<?> proxied(BaseServer<?> server) throws IOException {
        server.layer(ProxyProtocol.from(Network.parse("127.0.0.0/8")));
        server.start();
        return server;
    }

    private StreamClient connect(BaseServer<?> server, String header) throws IOException {
        StreamClient client = connect(server);
        client.write(header.getBytes(StandardCharsets.ISO_8859_1));
        return client;
    }

    @Test
    void theHandlerSeesTheAddressesAndTheHeader() throws Exception {
        StreamClient client = connect(proxied(options()), "PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\nfirst line\n");
        assertEquals("/192.0.2.1:1000 /192.0.2.2:2000 v1 PROXY TCP4 192.0.2.1:1000 192.0.2.2:2000", client.receive());
    }

    @Test
    void aHeaderWithoutAddressesKeepsThoseOfTheTransport() throws Exception {
        BaseServer<?> server = proxied(options());
        StreamClient client = connect(server, "PROXY UNKNOWN\r\n");
        String peer = client.address().toString();
        assertEquals(peer + " " + server.address() + " v1 PROXY UNKNOWN", client.ask("x"));
    }

    @Test
    void aHealthCheckIsSilent() throws Exception {
        BaseServer<?> server = proxied(options());
        StreamClient check = connect(server, "\r\n\r\n\0\r\nQUIT\n \0\0\0");
        check.halfClose();
        assertEquals(0, check.readAll().length);
        assertEquals("done", events.awaitEnds(1).get(0).reason());
        assertTrue(hooks.failures.isEmpty());
        assertEquals(List.of(), log.messages(Level.WARNING));
    }

    @Test
    void eachClientBehindTheProxyHasALimitOfItsOwn() throws Exception {
        BaseServer<?> server = proxied(options().limits(Limits.NONE.perClient(1)));
        StreamClient first = connect(server, header(1));
        first.ask("x");
        if (setup.isConcurrent()) {
            assertNull(connect(server, header(1)).receive());
            List<RequestEnd> ends = events.awaitEnds(1);
            assertSame(Rejection.PER_CLIENT, ends.get(0).rejection().orElseThrow());
            connect(server, header(2)).ask("x");
        }
    }

    private static String header(int client) {
        return "PROXY TCP4 192.0.2." + client + " 192.0.2.200 1000 2000\r\n";
    }

    @Test
    void aThousandConnectionsOfOneBalancerCountForTheirClients() throws Exception {
        assumeTrue(
                setup.transport() == Transport.TCP && setup.concurrency() == Concurrency.defaultThreads(),
                "needs a thousand threads");
        ServerOptions options = options().limits(Limits.NONE.perClient(20));
        BaseServer<?> server =
                proxied(server(Addresses.class, options, setup.concurrency().bounded(1_100)));
        List<StreamClient> all = new ArrayList<>();
        for (int client = 1; client <= 50; client++) {
            for (int count = 1; count <= 20; count++) {
                all.add(connect(server, header(client)));
            }
        }
        for (StreamClient one : all) {
            one.ask("x");
        }
        assertEquals(1_000, server.stats().active());
        for (int client = 1; client <= 50; client++) {
            assertNull(connect(server, header(client)).receive());
        }
        assertEquals(50, server.stats().rejected(Rejection.PER_CLIENT));
        all.get(0).close();
        events.awaitEnds(51);
        connect(server, header(1)).ask("x");
    }
}
