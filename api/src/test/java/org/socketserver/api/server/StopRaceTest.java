package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.spi.MixIn;

/** Random stops and restarts while clients connect: every accepted request ends or is in a report. */
class StopRaceTest {
    private static final Duration ENOUGH = Duration.ofSeconds(30);

    @RegisterExtension
    final QuietLog log = new QuietLog();

    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger stopped = new AtomicInteger();
    private final Set<Long> reported = new HashSet<>();

    private MemoryServer server() {
        MemoryServer server = MemoryServer.of(request -> {
            for (int next = request.input().read();
                    next >= 0;
                    next = request.input().read()) {
                if (next == 's') {
                    LockSupport.parkNanos(200_000);
                }
                request.output().write(next);
            }
        });
        server.mixIn((MixIn) task -> {
            Thread thread = new Thread(task, "test request");
            thread.setDaemon(true);
            thread.start();
        });
        server.listener(new RequestListener() {
            @Override
            public void requestStarted(Request request) {
                started.incrementAndGet();
            }

            @Override
            public void requestStopped(Request request, RequestEnd end) {
                stopped.incrementAndGet();
            }
        });
        return server;
    }

    /** Restarts the server. If the machine was suspended, the accept loop may outlast the stop. */
    private static void serveAgain(MemoryServer server) throws Exception {
        while (server.state() != ServerState.BOUND) {
            Thread.sleep(1);
        }
        server.start();
    }

    private static void connectSome(MemoryServer server, Random random) throws Exception {
        for (int i = random.nextInt(4); i > 0; i--) {
            MemoryConnection connection = new MemoryConnection();
            if (random.nextBoolean()) {
                connection.sends("fast".substring(random.nextInt(4)));
            }
            if (random.nextBoolean()) {
                connection.ends();
            }
            server.connect(connection);
            if (random.nextInt(3) == 0) {
                Race.pause(random);
            }
        }
    }

    private void stop(MemoryServer server, Random random) {
        ShutdownReport report = server.shutdown(Duration.ofNanos(random.nextInt(3) * random.nextInt(1_000_000)));
        Set<Long> running = new HashSet<>();
        report.running().forEach(request -> running.add(request.id()));
        List<LiveRequest> left = server.liveRequests();
        left.forEach(live -> assertTrue(running.contains(live.id()), live + " is not in " + report));
        assertTrue(started.get() - stopped.get() <= left.size(), "a request that is not live has ended");
        report.forced().forEach(request -> reported.add(request.id()));
        reported.addAll(running);
    }

    @Test
    void everyAcceptedRequestHasEndedOrIsInAReport() throws Exception {
        MemoryServer server = server();
        server.start();
        Race.rounds(2_000, random -> {
            connectSome(server, random);
            Race.pause(random);
            stop(server, random);
            if (random.nextBoolean()) {
                connectSome(server, random);
            }
            serveAgain(server);
        });
        stop(server, new Random(0));
        assertTrue(server.awaitIdle(ENOUGH));
        server.close();
        assertEquals(started.get(), stopped.get());
        assertEquals(
                reported.size(), server.stats().ended(RequestOutcome.ABORTED), "every aborted request is in a report");
    }
}
