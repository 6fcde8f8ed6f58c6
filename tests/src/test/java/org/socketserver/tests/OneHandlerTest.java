package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerState;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;

/** The same handler works on every transport with every kind of concurrency. */
@EachWay
class OneHandlerTest extends ServingTest {
    @Test
    void oneHandlerForAnyRequestAnswersOnEveryTransport() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        try (Client client = setup.transport().client(server.address())) {
            assertEquals("HELLO", client.ask("hello"));
            assertEquals("HELLO AGAIN", client.ask("hello again"));
        }
    }

    @Test
    void successiveClientsAreAllServed() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        for (int i = 0; i < 5; i++) {
            try (Client client = setup.transport().client(server.address())) {
                assertEquals("N" + i, client.ask("n" + i));
            }
        }
        assertEquals(5, events.awaitEnds(5).size());
    }

    @Test
    void aHandlerSeesTheAddressesOfItsPeerAndItsServer() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        Client client = client(server);
        assertEquals(client.address().toString(), client.ask("peer"));
        assertEquals(server.address().toString(), client.ask("here"));
        assertEquals(server.name() + "|" + server.transport() + "|" + server.address(), client.ask("server"));
        assertEquals("false", client.ask("is-stopping"));
    }

    @Test
    void aHandlerSeesTheOptionsOfItsServer() throws Exception {
        BaseServer<?> server = started(
                ObedientHandler.class,
                options()
                        .name("named")
                        .grace(Duration.ofMillis(1_234))
                        .deadline(Deadline.READ, Duration.ofSeconds(56))
                        .maxDatagramSize(7_890)
                        .stuckAfter(Duration.ofHours(1)));
        assertEquals("named PT1.234S PT56S 7890 PT1H", client(server).ask("options"));
    }

    @Test
    void aHandlersThreadIsNamedAfterServerAndPeer() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        Client client = client(server);
        String thread = client.ask("thread");
        String peer = AddressText.of(client.address());
        assertEquals(
                setup.isConcurrent() ? server.name() + " < " + peer : server.name() + " accept",
                String.valueOf(thread).replaceFirst(" #\\d+$", ""));
    }

    @Test
    void onUnixStreamsAHandlerSeesItsPeersCredentials() throws Exception {
        assumeTrue(setup.isStream(), "packets have no credentials");
        String user = connect(started(ObedientHandler.class)).ask("credentials");
        if (setup.transport().isInternet()) {
            assertEquals("Optional.empty", user);
        } else {
            // A number if the transport cannot look up the name.
            assertNotEquals("Optional.empty", user);
        }
    }

    @Test
    void afterBindingTheServerHasItsRealAddress() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class);
        assertEquals(ServerState.NEW, server.state());
        server.bind();
        assertEquals(ServerState.BOUND, server.state());
        if (server.address() instanceof InetSocketAddress inet) {
            assertNotEquals(0, inet.getPort());
        }
        assertTrue(server.name().startsWith(server.transport() + " "), server.name());
    }

    @Test
    void aRequestSentBeforeServingBeginsIsServed() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class);
        server.bind();
        Client client = client(server);
        client.send("early");
        server.start();
        assertEquals("EARLY", client.receive());
    }

    @Test
    void requestsShareNoBytes() throws Exception {
        List<Client> clients = new ArrayList<>();
        BaseServer<?> server = started(Handlers.OneLine.class);
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
