package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.ServerStats;
import org.socketserver.api.server.BaseServer;

/** One {@link Ending} under one {@link Setup}, with a server of its own. */
final class EndingRound extends ServingTest implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    final Ending ending;

    /** Never the same, and short: JFR of Java 17 may lose a longer text that an earlier recording had too. */
    final String name = "round " + COUNT.incrementAndGet();

    private final Gate never = gate();
    private final BaseServer<?> server;

    EndingRound(Ending ending, Setup setup) {
        this.ending = ending;
        this.setup = setup;
        server = plainServer(ending.handler(), ending.options().apply(options().name(name)));
        server.mixIn(ending.mixIn().apply(setup.concurrency().mixIn()));
        ending.arrange().accept(this);
    }

    /** Lets it happen; gives how the requests ended, in the order of their reasons. */
    List<RequestEnd> play() throws Exception {
        server.start();
        ending.act().run(this, server);
        List<RequestEnd> ends = events.awaitEnds(ending.reasons().size());
        // The clients first, so that the server need not wait for their farewell.
        closeAll();
        assertEquals(ending.reasons(), reasons(ends), ending::name);
        return ends;
    }

    static List<String> reasons(List<RequestEnd> ends) {
        return ends.stream().map(RequestEnd::reason).sorted().toList();
    }

    ServerStats stats() {
        return server.stats();
    }

    /** Tells the handler something; the server may close the connection without reading it. */
    void say(String command) throws IOException {
        provoke(client(server), command);
    }

    /** A request that waits to be cut, or to be let go. */
    Client waits() throws Exception {
        return waiting(server, never);
    }

    /** Two requests of one peer at the same time. */
    void oneTooMany(BaseServer<?> target) throws Exception {
        Client first = waits();
        if (setup.isStream()) {
            provoke(target);
        } else {
            first.send("second");
        }
        events.awaitEnds(1);
        never.open();
    }

    @Override
    public void close() {
        try {
            closeAll();
        } catch (Exception failure) {
            throw new AssertionError(ending.name(), failure);
        }
    }
}
