package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** Handlers that hang are reported with client, age and stack: on demand, and by a watchdog if configured. */
@EachWay
class StuckRequestTest extends ServingTest {
    /** A new worker needs time for its first request, in which it is busy itself. */
    private Duration shortTime() {
        return setup.isForking() ? Duration.ofMillis(2_000) : Duration.ofMillis(60);
    }

    @Override
    void mixInto(BaseServer<?> server) {
        setup.concurrency().mixReadyInto(server);
    }

    private final Gate goOn = gate();
    private final BlockingQueue<LiveRequest> reports = box();

    private BaseServer<?> watched(Duration stuckAfter) throws Exception {
        BaseServer<?> server = server(ObedientHandler.Once.class, options().stuckAfter(stuckAfter));
        server.listener(new RequestListener() {
            @Override
            public void requestStuck(LiveRequest request) {
                reports.add(request);
            }
        });
        server.start();
        return server;
    }

    private void assertDescribes(LiveRequest stuck, BaseServer<?> server, Client client) throws Exception {
        assertEquals(1, stuck.id());
        assertEquals(client.address().toString(), stuck.clientAddress().toString());
        assertRunsThere(server, stuck.thread());
        assertTrue(stuck.isBusy());
        assertTrue(isAtGate(stuck), stuck.stack().toString());
    }

    private static boolean isAtGate(LiveRequest request) {
        return request.stack().stream().anyMatch(frame -> frame.getClassName().equals(Gate.class.getName()));
    }

    @Test
    void stuckRequestsReturnsThemWithClientAgeAndStack() throws Exception {
        BaseServer<?> server = started(ObedientHandler.Once.class);
        Client client = waiting(server, goOn);
        long began = System.nanoTime();
        List<LiveRequest> stuck = server.stuckRequests(Duration.ZERO);
        // A worker reports its state with a delay.
        while (setup.isForking() && (stuck.isEmpty() || !isAtGate(stuck.get(0))) && millisSince(began) < 20_000) {
            Thread.sleep(5);
            stuck = server.stuckRequests(Duration.ZERO);
        }
        assertEquals(1, stuck.size());
        assertDescribes(stuck.get(0), server, client);
        while (server.stuckRequests(shortTime()).isEmpty()) {
            assertTrue(millisSince(began) < 20_000, "the request did not reach the age");
            Thread.sleep(1);
        }
        assertTrue(server.stuckRequests(shortTime()).get(0).age().compareTo(shortTime()) >= 0);
        assertEquals(List.of(), server.stuckRequests(Duration.ofHours(1)));
        goOn.open();
        assertEquals("went on", client.receive());
        events.awaitEnds(1);
        assertTrue(server.awaitIdle(Duration.ofSeconds(20)));
        assertEquals(List.of(), server.stuckRequests(Duration.ZERO));
    }

    @Test
    void theWatchdogReportsThemOnceAndTheyContinue() throws Exception {
        BaseServer<?> server = watched(shortTime());
        Client client = waiting(server, goOn);
        LiveRequest stuck = take(reports);
        assertDescribes(stuck, server, client);
        assertTrue(stuck.age().compareTo(shortTime()) >= 0, stuck.toString());
        // Wait for several checks of the watchdog.
        Thread.sleep(setup.isForking() ? 500 : 3 * shortTime().toMillis());
        goOn.open();
        assertEquals("went on", client.receive());
        assertTrue(server.awaitIdle(Duration.ofSeconds(20)));
        assertTrue(reports.isEmpty(), "reported once");
        assertEquals(1, server.stats().stuck());
        assertEquals(1, server.stats().ended(RequestOutcome.DONE));
        List<String> logged = log.messages(Level.WARNING);
        assertEquals(1, logged.size(), logged.toString());
        assertTrue(logged.get(0).startsWith(server.name() + " has a stuck request: #1 from "), logged.get(0));
        assertTrue(logged.get(0).contains(Gate.class.getName() + ".await("), logged.get(0));
    }

    @Test
    void withoutAWatchdogNothingIsReported() throws Exception {
        assertEquals(Duration.ZERO, options().stuckAfter());
        BaseServer<?> server = watched(Duration.ZERO);
        Client client = waiting(server, goOn);
        Thread.sleep(setup.isForking() ? 500 : 3 * shortTime().toMillis());
        goOn.open();
        assertEquals("went on", client.receive());
        assertTrue(reports.isEmpty());
        assertEquals(0, server.stats().stuck());
    }
}
