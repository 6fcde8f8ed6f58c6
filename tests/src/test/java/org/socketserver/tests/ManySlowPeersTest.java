package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;
import org.socketserver.unix.UnixAddress;

/** Peers that are silent or slow, in great number, cost the others nothing, and deadlines get rid of them. */
@EachThreadedJdkStreamSetup
class ManySlowPeersTest extends ServingTest {
    private static final int SILENT = 1_000;
    private static final int SLOW = 200;
    private static final int REQUESTS = 50;
    /** A pause after each request; in 25 of them each slow peer sends its byte of that second. */
    private static final long PACE_MILLIS = 40;

    private static final int SLOW_PER_PACE = SLOW / 25;

    private final List<Peer> silent = new ArrayList<>();
    private final List<Peer> slow = new ArrayList<>();

    private BaseServer<?> crowded(ServerOptions options) throws Exception {
        boolean enough = !(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)
                || system.getMaxFileDescriptorCount() >= 4_000;
        assumeTrue(enough, "needs 4,000 descriptors");
        BaseServer<?> server = plainServer(() -> Handlers.UPPER, options);
        server.mixIn(setup.concurrency().threading().maxConcurrent(2 * (SILENT + SLOW)));
        server.start();
        SocketAddress address = server.address() instanceof UnixAddress unix
                ? UnixDomainSocketAddress.of(unix.path().orElseThrow())
                : server.address();
        for (int i = 0; i < SILENT; i++) {
            silent.add(closeLater(new Peer(address)));
        }
        for (int i = 0; i < SLOW; i++) {
            slow.add(closeLater(new Peer(address)));
            slow.get(i).send("f");
        }
        return server;
    }

    /** The requests of a peer like any other; gives what they took together, in ms. */
    private static long ask(StreamClient client, Call meanwhile) throws Exception {
        long asked = 0;
        for (int i = 0; i < REQUESTS; i++) {
            long began = System.nanoTime();
            assertEquals("NUMBER " + i, client.ask("number " + i));
            asked += System.nanoTime() - began;
            meanwhile.run();
            Thread.sleep(PACE_MILLIS);
        }
        return Duration.ofNanos(asked).toMillis();
    }

    @Test
    void aThousandSilentPeersAndTwoHundredSlowOnesDelayNobody() throws Exception {
        BaseServer<?> server = crowded(options().grace(Duration.ofMillis(100)).build());
        StreamClient client = connect(server);
        int[] turn = {0};
        long took = ask(client, () -> {
            for (int i = 0; i < SLOW_PER_PACE; i++) {
                slow.get(turn[0]++ % SLOW).send("x");
            }
        });
        assertTrue(took < 5_000, took + " ms for " + REQUESTS + " requests");
        assertEquals(SILENT + SLOW + 1, server.liveRequests().size(), "all are served at once");
    }

    @Test
    void deadlinesEndThousandsOfPeersThatSendNothingAndSpareThoseThatDo() throws Exception {
        BaseServer<?> server = crowded(options()
                .deadline(Deadline.FIRST_BYTE, Duration.ofSeconds(2))
                .deadline(Deadline.IDLE, Duration.ofSeconds(2))
                .build());
        StreamClient client = connect(server);
        long took = ask(client, () -> {});
        assertTrue(took < 5_000, took + " ms for " + REQUESTS + " requests");
        events.awaitEnds(SILENT + SLOW);
        for (Peer peer : silent) {
            assertTrue(peer.isEndedWithin(10_000));
        }
        for (Peer peer : slow) {
            assertTrue(peer.isEndedWithin(10_000));
        }
        assertEquals("STILL HERE", connect(server).ask("still here"));
    }
}
