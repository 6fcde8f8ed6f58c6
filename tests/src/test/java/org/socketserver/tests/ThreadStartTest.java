package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerStats;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/** A system that has no more threads, for real: those who get none are closed, and the server serves as soon as it can. */
class ThreadStartTest {
    private static final int CLIENTS = 60;

    @Test
    void connectionsWithoutAThreadAreClosedAndTheSlotComesBack() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
        // Each thread reserves 1 GB of the 40 GB that the process may have.
        ChildJvm.Result result = ChildJvm.run(
                "ulimit -v 41943040",
                Crowd.class,
                List.of("-Xss1g", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:disable"));
        assertEquals(0, result.exit(), result.output());
        assertEquals(
                "got on, some failed, active 0, slots 0",
                result.output().strip().replaceAll("(?s).*\n", ""),
                result::output);
    }

    /** More clients than threads. */
    static final class Crowd {
        private Crowd() {}

        public static void main(String[] args) throws Exception {
            ThreadingMixIn threading = new ThreadingMixIn(ThreadKind.PLATFORM);
            ServerOptions options =
                    ServerOptions.builder().grace(Duration.ofSeconds(20)).build();
            try (CapturedLog log = CapturedLog.begin();
                    TcpServer server =
                            new TcpServer(Transport.LOOPBACK, HandlerSource.ofFunction(Handlers.UPPER), options)) {
                server.mixIn(threading);
                server.start();
                List<Client> crowd = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    crowd.add(Transport.TCP.client(server.address()));
                }
                while (server.stats().accepted() < CLIENTS) {
                    Thread.onSpinWait();
                }
                for (Client client : crowd) {
                    client.close();
                }
                while (!server.awaitIdle(Duration.ofSeconds(1)) || threading.active() > 0) {
                    Thread.onSpinWait();
                }
                ServerStats stats = server.stats();
                String some = stats.ended(RequestOutcome.FAILED) > 0
                                && stats.ended(RequestOutcome.FAILED) < CLIENTS
                                && stats.ended(RequestOutcome.FAILED) + stats.ended(RequestOutcome.DONE) == CLIENTS
                        ? "some failed"
                        : stats + " " + log.messages(java.util.logging.Level.WARNING);
                try (Client late = Transport.TCP.client(server.address())) {
                    late.send("on");
                    System.out.println("got " + late.receive().toLowerCase(java.util.Locale.ROOT) + ", " + some
                            + ", active " + stats.active() + ", slots " + (threading.active() - 1));
                }
            }
        }
    }
}
