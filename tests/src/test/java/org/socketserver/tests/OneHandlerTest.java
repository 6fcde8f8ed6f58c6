package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Request;
import org.socketserver.api.ServerState;

/** The same handler answers on every transport, under every way to run requests. */
@EachSetup
class OneHandlerTest extends ServingTest {
    @Test
    void oneHandlerForAnyRequestAnswersOnEveryTransport() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER);
        try (Client client = setup.transport().client(server.address())) {
            assertEquals("HELLO", client.ask("hello"));
            assertEquals("HELLO AGAIN", client.ask("hello again"));
        }
    }

    @Test
    void clientsOneAfterAnotherAreAllServed() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER);
        for (int i = 0; i < 5; i++) {
            try (Client client = setup.transport().client(server.address())) {
                assertEquals("N" + i, client.ask("n" + i));
            }
        }
        assertEquals(5, events.awaitEnds(5).size());
    }

    @Test
    void aRequestKnowsItsPeerItsServerAndTheServersRealAddress() throws Exception {
        BlockingQueue<Request> seen = box();
        BaseServer<?> server = started(request -> {
            Handlers.ONE_LINE.handle(request);
            seen.add(request);
        });
        Client client = client(server);
        client.ask("who");
        Request request = take(seen);
        assertEquals(client.address().toString(), request.clientAddress().toString());
        assertEquals(server.address(), request.serverAddress());
        assertSame(server, request.server());
    }

    @Test
    void afterBindingTheAddressIsTheRealOne() throws Exception {
        BaseServer<?> server = server(Handlers.UPPER);
        assertEquals(ServerState.NEW, server.state());
        server.bind();
        assertEquals(ServerState.BOUND, server.state());
        if (server.address() instanceof InetSocketAddress inet) {
            assertNotEquals(0, inet.getPort());
        }
        assertTrue(server.name().startsWith(server.transport() + " "), server.name());
    }

    @Test
    void whatWasSentBeforeServingBeginsIsServedThen() throws Exception {
        BaseServer<?> server = server(Handlers.UPPER);
        server.bind();
        Client client = client(server);
        client.send("early");
        server.start();
        assertEquals("EARLY", client.receive());
    }

    @Test
    void aHandlerThreadIsNamedAfterServerAndPeer() throws Exception {
        BlockingQueue<String> names = box();
        BaseServer<?> server = started(request -> {
            Handlers.line(request);
            names.add(Thread.currentThread().getName());
        });
        client(server).send("name");
        String name = take(names);
        assertTrue(name.startsWith(server.name() + (setup.isThreaded() ? " < " : " accept")), name);
    }

    @Test
    void requestsOwnTheirBytes() throws Exception {
        List<Client> clients = new ArrayList<>();
        BaseServer<?> server = started(Handlers.ONE_LINE);
        for (int i = 0; i < 8; i++) {
            clients.add(client(server));
        }
        for (int i = 0; i < 8; i++) {
            clients.get(i).send("bytes of " + i);
        }
        for (int i = 0; i < 8; i++) {
            assertEquals("got bytes of " + i, clients.get(i).receive());
        }
    }
}
