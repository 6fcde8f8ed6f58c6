package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** A stop affects only the run that was in progress when it began, not the requests of a later one. */
@EachConcurrentWay
class StopOfEarlierRunTest extends StopTest {
    private final Gate never = gate();
    private final Gate goOn = gate();

    private static void awaitEndOfRun(BaseServer<?> server) {
        while (server.state() != ServerState.BOUND) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void itNeitherWaitsForNorAbortsLaterRequests() throws Exception {
        BaseServer<?> server = started(ObedientHandler.Once.class);
        waiting(server, never);
        BlockingQueue<ShutdownReport> reports = stopping(server, Duration.ofMillis(300));
        awaitEndOfRun(server);
        server.start();
        Client next = waiting(server, goOn);
        ShutdownReport report = take(reports);
        assertEquals(1, report.forced().size(), report.toString());
        assertEquals(1, all(report), report.toString());
        goOn.open();
        assertEquals("went on", next.receive());
    }

    @Test
    void itDoesNotEndTheInputOfLaterRequests() throws Exception {
        if (!setup.isStream()) {
            return;
        }
        BaseServer<?> server = started(ObedientHandler.Once.class);
        waiting(server, never);
        BlockingQueue<ShutdownReport> reports = stopping(server, LONG);
        awaitEndOfRun(server);
        server.start();
        StreamClient idle = connect(server);
        hooks.await("finishRequest", 2);
        // The stop examines its requests every 10 ms.
        Thread.sleep(60);
        assertEquals("LATE", idle.ask("upper late"));
        never.open();
        assertTrue(take(reports).isClean());
    }
}
