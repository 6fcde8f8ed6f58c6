package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** Base class of tests that stop a server while something else happens. */
abstract class StopTest extends ServingTest {
    /** Longer than any test waits. */
    static final Duration LONG = Duration.ofSeconds(60);

    /** Starts a stop on its own thread. The report is added when the stop has ended. */
    final BlockingQueue<ShutdownReport> stopping(BaseServer<?> server, Duration grace) {
        BlockingQueue<ShutdownReport> reports = stop(server, grace);
        while (!server.isStopping()) {
            LockSupport.parkNanos(1_000_000);
        }
        return reports;
    }

    /** Like {@link #stopping}, but does not wait until the stop has begun. */
    static BlockingQueue<ShutdownReport> stop(BaseServer<?> server, Duration grace) {
        BlockingQueue<ShutdownReport> reports = box();
        inBackground(() -> reports.add(server.shutdown(grace)));
        return reports;
    }

    /** Waits until the accept loop has completed the given number of turns, with everything it accepted. */
    final void awaitTurns(int count) throws InterruptedException {
        hooks.await("serviceActions", hooks.count("serviceActions") + count);
    }

    static void assertNotBefore(long millis, long began) {
        assertTrue(
                System.nanoTime() - began >= millis * 1_000_000,
                millisSince(began) + " ms, expected at least " + millis);
    }

    static int all(ShutdownReport report) {
        return report.drained() + report.forced().size() + report.running().size();
    }
}
