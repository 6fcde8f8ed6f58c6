package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.PeerRule;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;
import org.socketserver.unix.UnixPeers;

/** Clients are allowed and denied by network, by user, or by a custom rule, for connections and packets. */
@EachWay
class PeerRuleTest extends ServingTest {
    private static final PeerRule NOBODY = request -> false;
    private static final PeerRule EVERYBODY = request -> true;

    private BaseServer<?> serving(Limits limits) throws Exception {
        BaseServer<?> server =
                server(Handlers.OneLine.class, options().limits(limits.whenFull(WhenFull.answer("busy\n"))));
        server.start();
        return server;
    }

    /** Returns a rule that matches this test's clients on this transport. */
    private PeerRule clients() {
        return setup.transport().isInternet()
                ? Network.parse("127.0.0.0/8")
                : setup.isStream() ? UnixPeers.self() : EVERYBODY;
    }

    private void assertServed(Limits limits) throws Exception {
        BaseServer<?> server = serving(limits);
        assertEquals("got in", client(server).ask("in"));
        assertEquals(0, server.stats().rejected(Rejection.DENIED));
    }

    private void assertDenied(Limits limits) throws Exception {
        BaseServer<?> server = serving(limits);
        if (setup.isStream()) {
            assertTrue(connect(server).isAtEnd(), "and gets no answer");
        } else {
            client(server).send("in");
        }
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.REJECTED, end.outcome());
        assertSame(Rejection.DENIED, end.rejection().orElseThrow());
        assertEquals(0, end.bytesOut());
        assertEquals(0, hooks.count("processRequest"), "no handler is created");
        assertEquals(0, hooks.count("verifyRequest"));
        assertEquals(1, server.stats().rejected(Rejection.DENIED));
        assertEquals(events.started(), events.stopped());
    }

    @Test
    void anAllowedClientIsServed() throws Exception {
        assertServed(Limits.NONE.allow(NOBODY, clients()));
    }

    @Test
    void aClientThatIsNotAllowedIsDenied() throws Exception {
        assertDenied(Limits.NONE.allow(Network.parse("203.0.113.0/24"), Network.parse("2001:db8::/32"), NOBODY));
    }

    @Test
    void aDeniedClientIsRejected() throws Exception {
        assertDenied(Limits.NONE.deny(NOBODY, clients()));
    }

    @Test
    void aClientThatIsNotDeniedIsServed() throws Exception {
        assertServed(Limits.NONE.deny(Network.parse("203.0.113.0/24"), NOBODY));
    }

    @Test
    void denyOverridesAllow() throws Exception {
        assertDenied(Limits.NONE.allow(clients()).deny(clients()));
    }

    @Test
    void aRuleThatThrowsRejectsAndIsLogged() throws Exception {
        assertDenied(Limits.NONE.allow(request -> {
            throw new IllegalStateException("on purpose");
        }));
        assertEquals(1, log.messages(Level.SEVERE).size());
        assertTrue(log.messages(Level.SEVERE).get(0).startsWith("a rule or clientKey threw; "));
    }

    @Test
    void peersWithoutAnIpAddressAreInNoNetwork() throws Exception {
        assumeTrue(!setup.transport().isInternet());
        assertDenied(Limits.NONE.allow(Network.parse("0.0.0.0/0"), Network.parse("::/0")));
    }

    @Test
    void anotherAddressOfTheSameMachineIsAnotherPeer() throws Exception {
        assumeTrue(setup.transport().isInternet());
        BaseServer<?> server = serving(Limits.NONE.deny(Network.parse("127.0.0.2")));
        closeLater(setup.transport().clientOf("127.0.0.2", server.address())).send("in");
        assertSame(Rejection.DENIED, events.awaitEnds(1).get(0).rejection().orElseThrow());
        assertEquals("got in", client(server).ask("in"));
    }
}
