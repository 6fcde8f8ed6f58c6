package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.ServerStats;
import org.socketserver.api.server.BaseServer;

/** One {@link Ending} in one {@link Setup}, with a server of its own. */
final class EndingRound extends ServingTest implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    final Ending ending;

    /** Unique and short: JFR of Java 17 may lose a longer text that an earlier recording had, too. */
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

    /** Runs it and returns the ends of the requests, ordered by reason. */
    List<RequestEnd> run() throws Exception {
        server.start();
        ending.act().run(this, server);
        List<RequestEnd> ends = events.awaitEnds(ending.reasons().size());
        // Clients first, so that the server need not wait for them to disconnect.
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

    /** Sends a command. The server may close the connection without reading it. */
    void send(String command) throws IOException {
        provoke(client(server), command);
    }

    /** Starts a request that waits until it is aborted or the gate opens. */
    Client waits() throws Exception {
        return waiting(server, never);
    }

    /** Sends two requests of one client at the same time. */
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
