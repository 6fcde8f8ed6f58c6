package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/**
 * A client never has more concurrent requests than the limit for each client, and does not use other clients' slots.
 */
@EachConcurrentWay
class PerClientTest extends ServingTest {
    private final Gate goOn = gate();
    private final Set<Object> keys = ConcurrentHashMap.newKeySet();

    private BaseServer<?> twoEach(WhenFull whenFull) throws Exception {
        return started(
                ObedientHandler.Once.class,
                options().limits(Limits.NONE.perClient(2).whenFull(whenFull)));
    }

    /** Returns a client that counts as the same as all others created here. */
    private Client sameClient(BaseServer<?> server) throws Exception {
        if (setup.transport().isInternet()) {
            return clientOf("127.0.0.1", server);
        }
        if (!setup.isStream()) {
            hooks.around("clientKey", (proceed, request) -> "one");
        }
        return client(server);
    }

    private Client clientOf(String host, BaseServer<?> server) throws IOException {
        return closeLater(setup.transport().clientOf(host, server.address()));
    }

    private void startTwo(BaseServer<?> server) throws Exception {
        atGate(sameClient(server), "wait", goOn);
        atGate(sameClient(server), "wait", goOn);
    }

    private void assertRejected(BaseServer<?> server, int count) throws Exception {
        List<RequestEnd> ends = events.awaitEnds(count);
        for (RequestEnd end : ends) {
            assertSame(RequestOutcome.REJECTED, end.outcome());
            assertSame(Rejection.PER_CLIENT, end.rejection().orElseThrow());
        }
        assertEquals(count, ends.size());
        assertEquals(count, server.stats().rejected(Rejection.PER_CLIENT));
        assertEquals(2, hooks.count("processRequest"), "no handler is created");
        assertEquals(2, server.stats().active());
    }

    @Test
    void oneRequestTooManyIsRejectedAtOnceAndNeverWaits() throws Exception {
        BaseServer<?> server = twoEach(WhenFull.WAIT);
        startTwo(server);
        for (int i = 1; i <= 5; i++) {
            Client third = sameClient(server);
            if (third instanceof StreamClient stream) {
                assertTrue(stream.isAtEnd());
            } else {
                third.send("three");
            }
            assertRejected(server, i);
        }
    }

    @Test
    void oneRequestTooManyGetsTheConfiguredAnswer() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = twoEach(WhenFull.answer("not so many\n"));
        startTwo(server);
        assertEquals("not so many", sameClient(server).ask("three"));
        assertRejected(server, 1);
    }

    @Test
    void anotherClientHasItsOwnLimit() throws Exception {
        assumeFalse(setup.isStream() && !setup.transport().isInternet(), "other users have their own test");
        BaseServer<?> server = twoEach(WhenFull.WAIT);
        Client mine = client(server);
        atGate(mine, "wait", goOn);
        if (!setup.isStream()) {
            atGate(mine, "wait", goOn);
            mine.send("three");
            assertRejected(server, 1);
        }
        Client other = setup.transport().isInternet() ? clientOf("127.0.0.2", server) : client(server);
        atGate(other, "wait", goOn);
        goOn.open();
        assertEquals("went on", other.receive());
        assertEquals(setup.isStream() ? 0 : 1, server.stats().rejected(Rejection.PER_CLIENT));
    }

    @Test
    void aSlotIsReturnedWhenARequestEnds() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = twoEach(WhenFull.answer("not so many\n"));
        Deque<Gate> gates = new ArrayDeque<>(List.of(gate(), gate()));
        for (Gate gate : gates) {
            atGate(sameClient(server), "wait", gate);
        }
        for (int i = 1; i <= 10; i++) {
            gates.remove().open();
            events.awaitEnds(2 * i - 1);
            gates.add(gate());
            atGate(sameClient(server), "wait", gates.getLast());
            assertEquals("not so many", sameClient(server).ask("over"));
            events.awaitEnds(2 * i);
        }
        assertEquals(10, server.stats().rejected(Rejection.PER_CLIENT));
    }

    @Test
    void clientKeyCanBeOverridden() throws Exception {
        hooks.around("clientKey", (proceed, request) -> {
            keys.add(proceed.call());
            return "everybody";
        });
        BaseServer<?> server = started(ObedientHandler.class, options().limits(Limits.NONE.perClient(1)));
        waiting(server, goOn);
        provoke(server);
        assertSame(Rejection.PER_CLIENT, events.awaitEnds(1).get(0).rejection().orElseThrow());
        assertEquals(1, server.stats().active());
        assertEquals(2, hooks.count("clientKey"));
    }

    @Test
    void withoutALimitClientKeyIsNotCalled() throws Exception {
        BaseServer<?> server = started(Handlers.OneLine.class);
        assertEquals("got one", client(server).ask("one"));
        assertEquals(0, hooks.count("clientKey"));
    }

    @Test
    void onUnixStreamsAClientIsAUser() throws Exception {
        assumeTrue(setup.isStream() && !setup.transport().isInternet());
        hooks.around("clientKey", (proceed, request) -> {
            Object key = proceed.call();
            keys.add(key);
            return key;
        });
        BaseServer<?> server = twoEach(WhenFull.WAIT);
        startTwo(server);
        goOn.open();
        events.awaitEnds(2);
        Path own = Files.createTempFile("owner", "");
        try {
            assertEquals(Set.of(Files.getOwner(own)), keys);
        } finally {
            Files.delete(own);
        }
    }
}
