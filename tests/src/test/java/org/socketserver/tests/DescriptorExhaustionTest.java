package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server whose process has no descriptor left goes on with the connections it has, costs next to nothing, says so once,
 * and serves new peers as soon as descriptors are there again.
 *
 * <p>Not staged: the server is a process of its own that really may not have more than {@value StarvingProcess#DESCRIPTORS}.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("setups")
@EnabledOnOs(value = OS.LINUX, disabledReason = "counts the descriptors of another process in /proc")
class DescriptorExhaustionTest {
    private static final int CLIENTS = 260;
    private static final long SOON_MILLIS = 2_000;
    private static final long PATIENCE_MILLIS = 15_000;
    /** Between two attempts to accept. */
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** How many peers may find a descriptor although there should be none. */
    private static final int FEW = 2;

    @Parameter
    Setup setup;

    static Stream<Setup> setups() {
        return Stream.concat(Setup.jdkStreams(), Stream.of(new Setup(Transport.UNIX_ABSTRACT, Concurrency.PLATFORM)));
    }

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private StarvingProcess server;
    private Map<Integer, String> owned;

    @BeforeEach
    void start() throws Exception {
        server = new StarvingProcess(setup);
        open.push(server);
        owned = server.ownedByTheJvm();
    }

    @AfterEach
    void closeAll() throws Exception {
        try {
            // Here as well, because what the server says is the reason when a test has failed.
            saidNothingButWarnings();
            server.stillOwns(owned);
        } finally {
            while (!open.isEmpty()) {
                open.pop().close();
            }
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

    /**
     * Waits until all those who came while there was no descriptor have read the end of input; but for a few, for whom there
     * was one after all, because somebody left or the JVM itself had one open for a moment. They must be served.
     */
    private static void turnedAway(List<Peer> peers, int luckyAtMost) throws Exception {
        List<Peer> waiting = new ArrayList<>(peers);
        long began = System.nanoTime();
        // At the next attempt to accept at the latest, all but the lucky ones are gone.
        while (waiting.size() > luckyAtMost
                || (!waiting.isEmpty() && ServingTest.millisSince(began) < 2 * LONGEST_PAUSE_MILLIS)) {
            assertTrue(ServingTest.millisSince(began) < PATIENCE_MILLIS, () -> waiting.size() + " wait for ever");
            for (Peer peer : List.copyOf(waiting)) {
                if (peer.isAtEnd()) {
                    waiting.remove(peer);
                }
            }
            Thread.sleep(5);
        }
        for (Peer peer : waiting) {
            peer.exchange("lucky", PATIENCE_MILLIS);
        }
    }

    /** Two seconds in which peers come and find no descriptor, and the given ones are served. */
    private void costsNextToNothing(List<Peer> inside) throws Exception {
        for (int i = 0; i < 200; i++) {
            for (Peer one : inside) {
                one.exchange("warm " + i, PATIENCE_MILLIS);
            }
        }
        List<Peer> late = new ArrayList<>();
        Duration cpu = server.cpu();
        long began = System.nanoTime();
        for (int i = 0; ServingTest.millisSince(began) < 2_000; i++) {
            for (Peer one : inside) {
                one.exchange("on " + i, SOON_MILLIS);
            }
            late.add(connect());
            // The pace of the peers, not a wait for something.
            Thread.sleep(100);
        }
        long wall = ServingTest.millisSince(began);
        long used = server.cpu().minus(cpu).toMillis();
        // A loop that spins uses all of it; a young JVM compiles for about 100 ms.
        assertTrue(used * 4 < wall, used + " ms of processor time in " + wall + " ms");
        turnedAway(late, FEW);
        for (Peer peer : late) {
            peer.close();
        }
    }

    /** A warning for each time that descriptors ran out, not for each peer. */
    private void saidSoAndNoMore() {
        assertTrue(server.log().size() <= 1 + FEW, () -> server.log().toString());
        saidNothingButWarnings();
    }

    /** No stack trace of a thread, and no class that could not be loaded. */
    private void saidNothingButWarnings() {
        List<String> log = server.log();
        for (String line : log) {
            assertTrue(line.startsWith("WARNING ") && line.contains("accept failed, retrying"), () -> log.toString());
        }
    }

    private void awaitDescriptors(int atMost) throws InterruptedException {
        awaitDescriptors(0, atMost);
    }

    private void awaitDescriptors(int atLeast, int atMost) throws InterruptedException {
        long began = System.nanoTime();
        for (int now = server.descriptors(); now < atLeast || now > atMost; now = server.descriptors()) {
            assertTrue(
                    ServingTest.millisSince(began) < PATIENCE_MILLIS,
                    now + " descriptors are open, not " + atLeast + " to " + atMost);
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
        saidSoAndNoMore();
        turnedAway(crowd, StarvingProcess.DESCRIPTORS);
        while (open.size() > 1) {
            open.pop().close();
        }
        // The server has to notice that they left: until then there is no descriptor for anybody.
        awaitDescriptors(before);
        served();
        served();
        awaitDescriptors(before);
        saidNothingButWarnings();
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
            saidSoAndNoMore();
            turnedAway(others, FEW);
        }
        first.reset(SOON_MILLIS);
        awaitDescriptors(StarvingProcess.DESCRIPTORS - 1);
        served().close();
        // Not one less: then the one in reserve is missing, because the JVM had a file open, and comes after the pause.
        awaitDescriptors(StarvingProcess.DESCRIPTORS - 1, StarvingProcess.DESCRIPTORS - 1);
        server.hold(0);
        Peer none = connect();
        server.awaitLog();
        costsNextToNothing(List.of());
        turnedAway(List.of(none), FEW);
        server.free();
        served().close();
        awaitDescriptors(before + 5);
        saidNothingButWarnings();
    }
}
