package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** A test that stops a server while something else goes on. */
abstract class StopTest extends ServingTest {
    /** Longer than any test waits. */
    static final Duration LONG = Duration.ofSeconds(60);

    /** Begins to stop on a thread of its own; the report comes when the stop has ended. */
    final BlockingQueue<ShutdownReport> stopping(BaseServer<?> server, Duration grace) {
        BlockingQueue<ShutdownReport> reports = stop(server, grace);
        while (!server.isStopping()) {
            LockSupport.parkNanos(1_000_000);
        }
        return reports;
    }

    /** The same for a server that is stopping already. */
    static BlockingQueue<ShutdownReport> stop(BaseServer<?> server, Duration grace) {
        BlockingQueue<ShutdownReport> reports = box();
        inBackground(() -> reports.add(server.shutdown(grace)));
        return reports;
    }

    /** Waits until the loop has gone round so often, with all that it found to accept. */
    final void awaitTurns(int count) throws InterruptedException {
        hooks.await("serviceActions", hooks.count("serviceActions") + count);
    }

    static void assertNotBefore(long millis, long began) {
        assertTrue(System.nanoTime() - began >= millis * 1_000_000, millisSince(began) + " ms, not " + millis);
    }

    static int all(ShutdownReport report) {
        return report.drained() + report.forced().size() + report.running().size();
    }
}
