package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;
import org.socketserver.unix.UnixStreamServer;

/** Workers exit when their parent ends for any reason. */
@Timeout(180)
class KilledParentTest {
    private static final int REQUESTS = 20;
    private static final int SPINNING = 2;
    private static final long SOON_MILLIS = 20_000;

    @TempDir
    Path temporary;

    private Process parent;
    private BufferedReader output;
    private List<ProcessHandle> workers = List.of();

    private void start(ForkingSetup setup, int maxChildren, String what) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                ForkingParent.class.getName(),
                setup.isRelay() ? "RELAY" : "DESCRIPTOR",
                Integer.toString(maxChildren),
                what,
                setup.transport() == Transport.UNIX
                        ? temporary.resolve("s").toString()
                        : Integer.toString(Ports.free().getPort())));
        parent = new ProcessBuilder(command)
                .redirectError(temporary.resolve("errors").toFile())
                .start();
        output = new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8));
        assertEquals("begins", output.readLine());
    }

    private String errors() {
        try {
            return Files.readString(temporary.resolve("errors"));
        } catch (IOException none) {
            return "";
        }
    }

    private SocketAddress awaitReady(ForkingSetup setup) throws IOException {
        String line = output.readLine();
        assertNotNull(line, "the parent died");
        assertTrue(line.startsWith("ready "), line);
        String where = line.substring(6);
        return setup.transport() == Transport.TCP
                ? new InetSocketAddress("127.0.0.1", Integer.parseInt(where))
                : UnixDomainSocketAddress.of(where);
    }

    @AfterEach
    void killProcesses() {
        if (parent != null) {
            parent.destroyForcibly().onExit().join();
        }
        workers.forEach(ProcessHandle::destroyForcibly);
    }

    @ParameterizedTest
    @EnumSource(
            value = ForkingSetup.class,
            names = {"TCP_DESCRIPTOR", "UNIX_RELAY"})
    void killingTheParentDuringRequestsLeavesNoWorkerAndNoFolderAndFreesTheAddress(ForkingSetup setup)
            throws Exception {
        assertEndsDuringRequests(setup, "-KILL");
    }

    @ParameterizedTest
    @MethodSource("org.socketserver.tests.ForkingSetup#eachStream")
    void terminatingTheParentDuringRequestsLeavesNoWorkerAndNoFolderAndFreesTheAddress(ForkingSetup setup)
            throws Exception {
        assertEndsDuringRequests(setup, "-TERM");
    }

    private void assertEndsDuringRequests(ForkingSetup setup, String signal) throws Exception {
        start(setup, REQUESTS, "serve");
        SocketAddress address = awaitReady(setup);
        List<StreamClient> clients = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            StreamClient client = new StreamClient(SocketChannel.open(address));
            assertEquals("hello " + i, client.ask("hello " + i), this::errors);
            clients.add(client);
        }
        for (StreamClient client : clients.subList(0, SPINNING)) {
            client.send("spin");
        }
        workers = parent.descendants().toList();
        assertTrue(workers.size() >= REQUESTS, workers::toString);
        assertTrue(WorkerKiller.send(signal, parent.pid()));
        assertAllGone(setup + " after " + signal);
        for (StreamClient client : clients) {
            try {
                assertTrue(client.isAtEnd());
            } catch (IOException reset) {
                // Counts as closed.
            }
            client.close();
        }
        assertFree(address);
    }

    private static void assertFree(SocketAddress address) throws IOException {
        try (BaseServer<?> next = address instanceof InetSocketAddress tcp
                ? new TcpServer(tcp, Handlers.ECHO)
                : new UnixStreamServer(
                        ((UnixDomainSocketAddress) address).getPath().toString(), Handlers.ECHO)) {
            next.bind();
        }
    }

    @ParameterizedTest
    @MethodSource("org.socketserver.tests.ForkingSetup#eachStream")
    void killingTheParentWhileWorkersStartLeavesNoWorker(ForkingSetup setup) throws Exception {
        start(setup, REQUESTS, "serve");
        ForkedServer.await(() -> parent.descendants().findAny().isPresent(), () -> "no worker was started");
        workers = parent.descendants().toList();
        assertTrue(WorkerKiller.send("-KILL", parent.pid()));
        // The folder may remain: a worker without a first order does not know it.
        assertWorkersGone(setup + " while workers start");
    }

    @ParameterizedTest
    @EnumSource(
            value = ForkingSetup.class,
            names = {"TCP_DESCRIPTOR", "UNIX_RELAY"})
    void aProgramThatOnlyBindsEndsWithItsMainMethodAndSoDoItsWorkers(ForkingSetup setup) throws Exception {
        start(setup, REQUESTS, "bind");
        awaitReady(setup);
        workers = parent.descendants().toList();
        assertEquals(0, parent.waitFor());
        assertAllGone(setup + " after main");
    }

    private void assertAllGone(String when) throws Exception {
        assertWorkersGone(when);
        ForkedServer.await(() -> folders() == 0, () -> "folders left: " + folders());
    }

    private void assertWorkersGone(String when) throws Exception {
        parent.waitFor();
        long began = System.nanoTime();
        ForkedServer.await(() -> workers.stream().noneMatch(KilledParentTest::runs), () -> "left: " + workers);
        long took = ServingTest.millisSince(began);
        System.out.printf("parent: %d workers gone in %d ms, %s%n", workers.size(), took, when);
        assertTrue(took < SOON_MILLIS, took + " ms");
    }

    /** Returns whether a process runs. A zombie may exist until it is reaped. */
    private static boolean runs(ProcessHandle process) {
        try {
            String state = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return state.charAt(state.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException unknown) {
            return process.isAlive();
        }
    }

    private long folders() {
        try (Stream<Path> all = Files.list(temporary)) {
            return all.filter(path -> path.getFileName().toString().startsWith("socketserver-"))
                    .count();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
