package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;

/** Handlers that hang are named with peer, age and stack: on demand, and by a watchdog if one is wanted. */
@EachWay
class StuckRequestTest extends ServingTest {
    private static final Duration SHORT = Duration.ofMillis(60);

    private final Gate goOn = gate();
    private final BlockingQueue<LiveRequest> reports = box();

    private BaseServer<?> watched(Duration stuckAfter) throws Exception {
        BaseServer<?> server = server(
                ObedientHandler.Once.class, options().stuckAfter(stuckAfter).build());
        server.listener(new RequestListener() {
            @Override
            public void requestStuck(LiveRequest request) {
                reports.add(request);
            }
        });
        server.start();
        return server;
    }

    private void namesTheCulprit(LiveRequest stuck, BaseServer<?> server, Client client) throws Exception {
        assertEquals(1, stuck.id());
        assertEquals(client.address().toString(), stuck.clientAddress().toString());
        assertRunsThere(server, stuck.thread());
        assertTrue(stuck.isBusy());
        assertTrue(
                stuck.stack().stream().anyMatch(frame -> frame.getClassName().equals(Gate.class.getName())),
                stuck.stack().toString());
    }

    @Test
    void onDemandTheyAreNamedWithPeerAgeAndStack() throws Exception {
        BaseServer<?> server = started(ObedientHandler.Once.class);
        Client client = waiting(server, goOn);
        List<LiveRequest> stuck = server.stuckRequests(Duration.ZERO);
        assertEquals(1, stuck.size());
        namesTheCulprit(stuck.get(0), server, client);
        long began = System.nanoTime();
        while (server.stuckRequests(SHORT).isEmpty()) {
            assertTrue(millisSince(began) < 20_000, "it gets older");
            Thread.onSpinWait();
        }
        assertTrue(server.stuckRequests(SHORT).get(0).age().compareTo(SHORT) >= 0);
        assertEquals(List.of(), server.stuckRequests(Duration.ofHours(1)));
        goOn.open();
        assertEquals("went on", client.receive());
        events.awaitEnds(1);
        assertTrue(server.awaitIdle(Duration.ofSeconds(20)));
        assertEquals(List.of(), server.stuckRequests(Duration.ZERO));
    }

    @Test
    void theWatchdogTellsOfThemOnceAndTheyGoOn() throws Exception {
        BaseServer<?> server = watched(SHORT);
        Client client = waiting(server, goOn);
        LiveRequest stuck = take(reports);
        namesTheCulprit(stuck, server, client);
        assertTrue(stuck.age().compareTo(SHORT) >= 0, stuck.toString());
        // Several looks of the watchdog later.
        Thread.sleep(3 * SHORT.toMillis());
        goOn.open();
        assertEquals("went on", client.receive());
        assertTrue(server.awaitIdle(Duration.ofSeconds(20)));
        assertTrue(reports.isEmpty(), "once");
        assertEquals(1, server.stats().stuck());
        assertEquals(1, server.stats().ended(RequestOutcome.DONE));
        List<String> logged = log.messages(Level.WARNING);
        assertEquals(1, logged.size(), logged.toString());
        assertTrue(logged.get(0).startsWith(server.name() + " has a stuck request: #1 from "), logged.get(0));
        assertTrue(logged.get(0).contains(Gate.class.getName() + ".await("), logged.get(0));
    }

    @Test
    void withoutAWatchdogNobodyIsTold() throws Exception {
        assertEquals(Duration.ZERO, options().build().stuckAfter());
        BaseServer<?> server = watched(Duration.ZERO);
        Client client = waiting(server, goOn);
        Thread.sleep(3 * SHORT.toMillis());
        goOn.open();
        assertEquals("went on", client.receive());
        assertTrue(reports.isEmpty());
        assertEquals(0, server.stats().stuck());
    }
}
