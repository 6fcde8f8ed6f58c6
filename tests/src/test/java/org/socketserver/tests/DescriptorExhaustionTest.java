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
 * A server without free file descriptors continues with its open connections, uses hardly any CPU time, logs one
 * warning, and serves new clients as soon as descriptors are free.
 *
 * <p>Nothing is simulated: the server is a process of its own that is limited to {@value StarvingProcess#DESCRIPTORS}
 * descriptors.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("setups")
@EnabledOnOs(value = OS.LINUX, disabledReason = "counts the descriptors of another process in /proc")
class DescriptorExhaustionTest {
    private static final int CLIENTS = 260;
    private static final long SOON_MILLIS = 2_000;
    private static final long PATIENCE_MILLIS = 15_000;
    /** The longest pause between two attempts to accept. */
    private static final long MAX_PAUSE_MILLIS = 1_000;

    /** How many peers may get a descriptor although none should be free. */
    private static final int FEW = 2;

    @Parameter
    Setup setup;

    static Stream<Setup> setups() {
        return Stream.concat(
                Setup.jdkStreams().filter(setup -> !setup.transport().isTls()),
                Stream.of(new Setup(Transport.UNIX_ABSTRACT, Concurrency.PLATFORM)));
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
            // Checked here, too, because the server's log explains a failed test.
            assertOnlyWarnings();
            server.assertStillOpen(owned);
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
     * Waits until all peers that connected without a free descriptor have read the end of input. A few may have got
     * one, because another peer left or because the JVM itself had a file open for a moment. They must be served.
     */
    private static void assertDisconnected(List<Peer> peers, int luckyAtMost) throws Exception {
        List<Peer> waiting = new ArrayList<>(peers);
        long began = System.nanoTime();
        // By the next attempt to accept, all but the lucky ones have been disconnected.
        while (waiting.size() > luckyAtMost
                || (!waiting.isEmpty() && ServingTest.millisSince(began) < 2 * MAX_PAUSE_MILLIS)) {
            assertTrue(ServingTest.millisSince(began) < PATIENCE_MILLIS, () -> waiting.size() + " wait forever");
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

    /** For two seconds, peers connect without a free descriptor, and the given ones are served. */
    private void assertUsesLittleCpu(List<Peer> inside) throws Exception {
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
            // The pace of the peers; nothing is awaited.
            Thread.sleep(100);
        }
        long wall = ServingTest.millisSince(began);
        long used = server.cpu().minus(cpu).toMillis();
        // A spinning loop uses all of it. A young JVM compiles for about 100 ms.
        assertTrue(used * 4 < wall, used + " ms of CPU time in " + wall + " ms");
        assertDisconnected(late, FEW);
        for (Peer peer : late) {
            peer.close();
        }
    }

    /** Checks that there is one warning for each shortage, not for each peer. */
    private void assertWarnedOnce() {
        assertTrue(server.log().size() <= 1 + FEW, () -> server.log().toString());
        assertOnlyWarnings();
    }

    /** Checks that the log has no stack trace and no class loading failure. */
    private void assertOnlyWarnings() {
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
    void moreConnectionsThanDescriptorsAffectNeitherCurrentNorLaterClients() throws Exception {
        assumeTrue(setup.isThreaded(), "without a mix-in there is one connection at a time");
        List<Peer> inside = List.of(served(), served(), served());
        int before = server.descriptors();
        List<Peer> crowd = new ArrayList<>();
        while (crowd.size() < CLIENTS - inside.size()) {
            crowd.add(connect());
        }
        server.awaitLog();
        assertUsesLittleCpu(inside);
        assertWarnedOnce();
        assertDisconnected(crowd, StarvingProcess.DESCRIPTORS);
        while (open.size() > 1) {
            open.pop().close();
        }
        // The server must notice that they disconnected. Until then no descriptor is free.
        awaitDescriptors(before);
        served();
        served();
        awaitDescriptors(before);
        assertOnlyWarnings();
    }

    @Test
    void theFirstRequestWarningAndDisconnectNeedNoSpareDescriptor() throws Exception {
        int before = server.descriptors();
        server.hold(1);
        Peer first = served();
        if (setup.isThreaded()) {
            List<Peer> others = List.of(connect(), connect(), connect(), connect());
            server.awaitLog();
            assertUsesLittleCpu(List.of(first));
            assertWarnedOnce();
            assertDisconnected(others, FEW);
        }
        first.reset(SOON_MILLIS);
        awaitDescriptors(StarvingProcess.DESCRIPTORS - 1);
        served().close();
        // One less would mean that the reserve is missing because the JVM had a file open; it is restored after the
        // pause.
        awaitDescriptors(StarvingProcess.DESCRIPTORS - 1, StarvingProcess.DESCRIPTORS - 1);
        server.hold(0);
        Peer none = connect();
        server.awaitLog();
        assertUsesLittleCpu(List.of());
        assertDisconnected(List.of(none), FEW);
        server.free();
        served().close();
        awaitDescriptors(before + 5);
        assertOnlyWarnings();
    }
}
