package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.mixins.HandlerException;
import org.socketserver.mixins.WorkerDiedException;

/** A handler that damages its process ends at most its own request, and the server continues. */
@ParameterizedClass(name = "{0}")
@MethodSource("org.socketserver.tests.ForkingSetup#first")
@Timeout(180)
class WorkerFaultsTest {
    private static final int EXIT_ON_OUT_OF_MEMORY = 3;
    private static final int FLOOD_MEGABYTES = 100;

    @Parameter
    ForkingSetup setup;

    private ForkedServer server;

    private void start(String... options) throws IOException {
        start(2, options);
    }

    private void start(int maxChildren, String... options) throws IOException {
        server = setup.server(Saboteur.class, workers -> {
            for (String option : options) {
                workers.workerOption(option);
            }
            return workers.minIdle(1).maxChildren(maxChildren);
        });
        server.start();
    }

    @AfterEach
    void closesAndLeavesNoProcess() {
        Set<Long> workers = Set.copyOf(server.pids(Phase.IDLE));
        server.close();
        for (long pid : workers) {
            assertTrue(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty(), "worker " + pid + " is alive");
        }
    }

    /** Sends a line that gets no answer: a connection is closed, and a packet gets no reply. */
    private void sendUnanswered(String line) throws Exception {
        try (Client client = server.client()) {
            client.send(line);
            if (setup.isStream()) {
                try {
                    assertEquals(null, client.receive());
                } catch (IOException reset) {
                    // Counts as closed.
                }
            }
            server.awaitEnd(1);
        }
    }

    private void assertContinues() throws Exception {
        assertEquals("still there", server.ask("still there"));
        server.awaitIdle(1);
    }

    private void assertDies(String line, int status) throws Exception {
        sendUnanswered(line);
        assertEquals(RequestOutcome.FAILED, server.awaitEnd(1).outcome());
        WorkerDiedException death = assertInstanceOf(
                WorkerDiedException.class, server.failures().remove().thrown());
        assertEquals(status, death.exitStatus());
        assertEquals(0, death.signal());
        assertTrue(death.getMessage().contains("exit status " + status), death::getMessage);
        assertContinues();
        assertTrue(server.failures().isEmpty());
    }

    @Test
    void systemExitEndsOnlyItsRequest() throws Exception {
        start();
        assertDies("exit 42", 42);
    }

    @Test
    void haltEndsOnlyItsRequest() throws Exception {
        start();
        assertDies("halt 43", 43);
    }

    @Test
    void aFullHeapEndsOnlyItsRequest() throws Exception {
        start("-Xmx32m");
        assertDies("fill", EXIT_ON_OUT_OF_MEMORY);
    }

    @Test
    void anOutOfMemoryErrorThatAHandlerThrowsEndsItsRequestButNotItsWorker() throws Exception {
        start();
        sendUnanswered("throw");
        HandlerException failure = assertInstanceOf(
                HandlerException.class, server.failures().remove().thrown());
        assertEquals(OutOfMemoryError.class.getName(), failure.className());
        assertTrue(failure.getMessage().contains("so it says"), failure::getMessage);
        assertContinues();
    }

    @Test
    void aFloodOnStandardOutputUsesNoMemoryHereAndAnswersContinue() throws Exception {
        PrintStream before = System.out;
        AtomicLong printed = new AtomicLong();
        System.setOut(new PrintStream(counting(printed), false, StandardCharsets.UTF_8));
        try {
            start();
            long heapBefore = Footprint.now().heapKilobytes();
            try (Client client = server.client()) {
                client.send("flood " + FLOOD_MEGABYTES);
                assertEquals("between", server.ask("between"));
                ForkedServer.await(() -> printed.get() >= FLOOD_MEGABYTES * 1024L * 1024, () -> "printed " + printed);
                assertEquals("did flood", client.receive());
            }
            long more = Footprint.now().heapKilobytes() - heapBefore;
            assertTrue(more < FLOOD_MEGABYTES * 1024 / 5, more + " KB more on the heap");
        } finally {
            System.setOut(before);
        }
        assertContinues();
    }

    private static OutputStream counting(AtomicLong printed) {
        return new OutputStream() {
            @Override
            public void write(int one) {
                printed.incrementAndGet();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                printed.addAndGet(length);
            }
        };
    }

    @Test
    void closedStandardStreamsAffectNoRequest() throws Exception {
        start();
        assertEquals("did shut", server.ask("shut err"));
        assertEquals("did shut", server.ask("shut out"));
        assertEquals(server.ask("pid"), server.ask("pid"));
        assertContinues();
        assertTrue(server.failures().isEmpty());
    }

    @Test
    void aHandlerThatReadsStandardInputSeesItsEndAndNoCommands() throws Exception {
        start();
        assertEquals("read -1", server.ask("read"));
        assertContinues();
    }

    @Test
    void aWorkerWhoseHandlerInterruptsItselfServesFurtherRequests() throws Exception {
        start(1);
        String pid = server.ask("pid");
        try (Client client = server.client()) {
            client.send("interrupt");
            try {
                client.receive();
            } catch (IOException closed) {
                // An interrupt closes a channel.
            }
        }
        server.awaitIdle(1);
        assertEquals(pid, server.ask("pid"), server::toString);
        assertContinues();
    }

    @Test
    void aWorkerWithAnEndlessThreadExits() throws Exception {
        start();
        assertEquals("did linger", server.ask("linger"));
        assertContinues();
    }

    @Test
    void aProcessThatAHandlerStartsOutlivesItsWorkerAndIsNotWaitedFor() throws Exception {
        start();
        String answer = server.ask("child sleep 600");
        assertNotEquals("null", answer);
        ProcessHandle child = ProcessHandle.of(Long.parseLong(answer)).orElseThrow();
        try {
            assertContinues();
            server.close();
            List<String> log = server.log().messages(Level.WARNING);
            assertTrue(log.stream().noneMatch(line -> line.contains("did not end")), log::toString);
            assertTrue(child.isAlive());
            assertEquals(Set.of(), Set.copyOf(server.workers().workers()));
        } finally {
            child.destroyForcibly();
        }
    }
}
