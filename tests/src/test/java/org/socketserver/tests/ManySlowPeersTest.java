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
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.unix.UnixAddress;

/** Many silent or slow peers do not affect others, and deadlines end them. */
@EachThreadedJdkStreamSetup
class ManySlowPeersTest extends ServingTest {
    private static final int SILENT = 1_000;
    private static final int SLOW = 200;
    private static final int REQUESTS = 50;
    /** How many slow peers send a byte after each request. */
    private static final int SLOW_PER_REQUEST = 8;
    /** A fraction of the deadlines. */
    private static final long PACE_MILLIS = 40;

    private final List<Peer> silent = new ArrayList<>();
    private final List<Peer> slow = new ArrayList<>();

    private BaseServer<?> crowded(ServerOptions options) throws Exception {
        boolean enough = !(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)
                || system.getMaxFileDescriptorCount() >= 4_000;
        assumeTrue(enough, "needs 4,000 descriptors");
        assumeTrue(!setup.transport().isTls(), "these peers do not begin a handshake: see TlsTest");
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

    /**
     * No silent peer sends or closes before each answer has arrived, so an answer that waited for one would never
     * arrive.
     */
    @Test
    void aThousandSilentAndTwoHundredSlowPeersDelayNoOthers() throws Exception {
        BaseServer<?> server = crowded(options().grace(Duration.ofMillis(100)));
        StreamClient client = connect(server);
        int turn = 0;
        for (int i = 0; i < REQUESTS; i++) {
            assertEquals("NUMBER " + i, client.ask("number " + i));
            try (Client passing = setup.transport().client(server.address())) {
                assertEquals("NEW " + i, passing.ask("new " + i));
            }
            for (int sent = 0; sent < SLOW_PER_REQUEST; sent++) {
                slow.get(turn++ % SLOW).send("x");
            }
        }
        assertEquals(REQUESTS, events.awaitEnds(REQUESTS).size(), "no silent or slow connection has ended");
        assertEquals(SILENT + SLOW + 1, server.liveRequests().size(), "all are being served");
    }

    @Test
    void deadlinesEndSilentPeersAndSpareActiveOnes() throws Exception {
        BaseServer<?> server = crowded(options()
                .deadline(Deadline.FIRST_BYTE, Duration.ofSeconds(2))
                .deadline(Deadline.IDLE, Duration.ofSeconds(2)));
        StreamClient client = connect(server);
        for (int i = 0; events.stopped().size() < SILENT + SLOW; i++) {
            assertEquals("NUMBER " + i, client.ask("number " + i));
            Thread.sleep(PACE_MILLIS);
        }
        for (Peer peer : silent) {
            assertTrue(peer.isEndedWithin(10_000));
        }
        for (Peer peer : slow) {
            assertTrue(peer.isEndedWithin(10_000));
        }
        assertEquals("STILL HERE", client.ask("still here"));
        assertEquals(SILENT + SLOW, events.stopped().size());
    }
}
