package org.socketserver.tests;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ThreadingMixIn;

/** A server that is stopped, started and reconfigured at random while it serves. Used by one thread. */
final class ChaosServer implements AutoCloseable {
    private static final ServerOptions OPTIONS = ServerOptions.DEFAULTS
            .grace(Duration.ofSeconds(5))
            .deadline(Deadline.FIRST_BYTE, Duration.ofMillis(150))
            .deadline(Deadline.IDLE, Duration.ofMillis(150))
            .deadline(Deadline.WRITE, Duration.ofMillis(150));

    final Transport transport;
    final ChaosListener events = new ChaosListener();
    final BaseServer<?> server;
    final ThreadingMixIn threading;

    private final Hooks hooks = new Hooks();

    ChaosServer(Setup setup) throws IOException {
        transport = setup.transport();
        server = transport.server(ChaosHandler::new, OPTIONS, hooks);
        threading = setup.concurrency().threading();
        server.mixIn(threading);
        server.listener(events);
        server.start();
    }

    /** Disturbs the server in one way and returns a description of it. */
    String disturb(Random random) throws IOException {
        hooks.clear();
        hooks.failures.clear();
        int what = random.nextInt(10);
        if (!isServing()) {
            server.start();
            return "start";
        }
        if (what < 5) {
            int limit = 4 + random.nextInt(60);
            threading.maxConcurrent(limit);
            return "maxConcurrent " + limit;
        }
        if (what < 8) {
            if (server.isSuspended()) {
                server.resume();
                return "resume";
            }
            server.suspend();
            return "suspend";
        }
        if (what < 9) {
            server.shutdown();
            return "shutdown";
        }
        Duration grace = Duration.ofMillis(random.nextInt(60));
        return "shutdown " + grace + ": " + server.shutdown(grace);
    }

    private boolean isServing() {
        return switch (server.state()) {
            case SERVING -> true;
            case BOUND -> false;
            default -> throw new AssertionError(server.toString());
        };
    }

    /** Makes it serve all clients again. */
    void calm() throws IOException {
        if (!isServing()) {
            server.start();
        }
        server.resume();
        threading.maxConcurrent(1_000);
    }

    /** Returns whether every started request was reported as ended exactly once, and none is left. */
    boolean isIdle() {
        return events.started() == events.stopped() && server.liveRequests().isEmpty() && threading.active() == 0;
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return transport + " " + threading.kind() + ", active " + threading.active() + ", live "
                + server.liveRequests().size() + ", " + events;
    }
}
