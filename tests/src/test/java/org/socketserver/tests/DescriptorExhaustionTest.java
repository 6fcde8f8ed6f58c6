package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.Parameter;

/**
 * A server whose process has no descriptor left goes on with the connections it has, costs next to nothing, says so once,
 * and serves new peers as soon as descriptors are there again.
 *
 * <p>Not staged: the server is a process of its own that really may not have more than {@value StarvingProcess#DESCRIPTORS}.
 */
@EachJdkStreamSetup
@EnabledOnOs(value = OS.LINUX, disabledReason = "counts the descriptors of another process in /proc")
class DescriptorExhaustionTest {
    /** TO ADAPT: true as soon as main closes waiting peers with its reserve descriptor. */
    private static final boolean RESERVE = true;

    private static final int CLIENTS = 260;
    private static final long SOON_MILLIS = 2_000;
    private static final long PATIENCE_MILLIS = 15_000;

    @Parameter
    Setup setup;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private StarvingProcess server;

    @BeforeEach
    void start() throws Exception {
        server = new StarvingProcess(setup);
        open.push(server);
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private Peer connect() throws IOException {
        Peer peer = new Peer(server.address());
        open.push(peer);
        return peer;
    }

    private Peer served() throws IOException {
        Peer peer = connect();
        peer.exchange("served", SOON_MILLIS);
        return peer;
    }

    /** A peer that comes while there is no descriptor for it: it is told so, and need not wait for ever. */
    private void turnedAway(Peer peer) throws IOException {
        if (RESERVE) {
            assertEquals(-1, peer.read(PATIENCE_MILLIS), "a clean end of input");
        } else {
            assertEquals(-2, peer.poll(), "waits");
        }
    }

    /** Two seconds in which peers come and find no descriptor, and the given ones are served. */
    private void costsNextToNothing(List<Peer> inside) throws Exception {
        for (int i = 0; i < 200; i++) {
            for (Peer one : inside) {
                one.exchange("warm " + i, PATIENCE_MILLIS);
            }
        }
        Duration cpu = server.cpu();
        long began = System.nanoTime();
        for (int i = 0; ServingTest.millisSince(began) < 2_000; i++) {
            for (Peer one : inside) {
                one.exchange("on " + i, SOON_MILLIS);
            }
            connect();
            // The pace of the peers, not a wait for something.
            Thread.sleep(100);
        }
        long wall = ServingTest.millisSince(began);
        long used = server.cpu().minus(cpu).toMillis();
        assertTrue(used * 20 < wall, used + " ms of processor time in " + wall + " ms");
    }

    /** One warning, and nothing else: no stack trace of a thread, no class that could not be loaded. */
    private void saidSoOnce() {
        List<String> log = server.log();
        assertEquals(1, log.size(), log.toString());
        assertTrue(log.get(0).startsWith("WARNING ") && log.get(0).contains("can't accept for now"), log.toString());
    }

    private void saidNothingButWarnings() {
        for (String line : server.log()) {
            assertTrue(line.startsWith("WARNING ") && line.contains("can't accept for now"), line);
        }
    }

    private void awaitDescriptors(int atMost) throws InterruptedException {
        long began = System.nanoTime();
        while (server.descriptors() > atMost) {
            assertTrue(
                    ServingTest.millisSince(began) < PATIENCE_MILLIS,
                    server.descriptors() + " descriptors are open, not " + atMost);
            Thread.sleep(5);
        }
    }

    @Test
    void moreConnectionsThanDescriptorsHurtNeitherThoseThatAreServedNorThoseThatComeLater() throws Exception {
        assumeTrue(setup.isThreaded(), "without a mix-in there is one connection at a time");
        List<Peer> inside = List.of(served(), served(), served());
        int before = server.descriptors();
        List<Peer> crowd = new ArrayList<>();
        while (crowd.size() < CLIENTS - inside.size()) {
            crowd.add(connect());
        }
        server.awaitLog();
        costsNextToNothing(inside);
        saidSoOnce();
        everyoneIsServedOrTurnedAway(crowd);
        while (open.size() > 1) {
            open.pop().close();
        }
        served();
        served();
        awaitDescriptors(before);
        saidNothingButWarnings();
    }

    private void everyoneIsServedOrTurnedAway(List<Peer> crowd) throws Exception {
        int room = StarvingProcess.DESCRIPTORS;
        int turnedAway = 0;
        long began = System.nanoTime();
        List<Peer> waiting = new ArrayList<>(crowd);
        while (RESERVE && turnedAway < CLIENTS - room) {
            int before = waiting.size();
            assertTrue(ServingTest.millisSince(began) < PATIENCE_MILLIS, waiting.size() + " wait");
            for (Peer peer : List.copyOf(waiting)) {
                if (peer.isAtEnd()) {
                    waiting.remove(peer);
                }
            }
            turnedAway += before - waiting.size();
            Thread.sleep(5);
        }
        int served = 0;
        for (Peer peer : waiting) {
            if (RESERVE || served < room / 3) {
                peer.exchange("inside", PATIENCE_MILLIS);
                served++;
            } else {
                assertTrue(!peer.isAtEnd());
            }
        }
    }

    @Test
    void theFirstRequestTheFirstWarningAndTheFirstDisconnectAllComeWithoutADescriptorToSpare() throws Exception {
        int before = server.descriptors();
        server.hold(1);
        Peer first = served();
        if (setup.isThreaded()) {
            List<Peer> others = List.of(connect(), connect(), connect(), connect());
            server.awaitLog();
            costsNextToNothing(List.of(first));
            saidSoOnce();
            turnedAway(others.get(3));
        }
        first.reset(SOON_MILLIS);
        Peer next = RESERVE || !setup.isThreaded() ? served() : connect();
        next.close();
        server.hold(0);
        Peer none = connect();
        server.awaitLog();
        costsNextToNothing(List.of());
        turnedAway(none);
        server.free();
        served().close();
        awaitDescriptors(before + 5);
        saidNothingButWarnings();
    }
}
