package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.mixins.HandlerException;

/** The guarantees of CPython's {@code ForkingMixIn} about child processes. */
@Timeout(120)
class OtherChildrenTest {
    private static final int STATUS = 7;

    @ParameterizedTest
    @MethodSource("org.socketserver.tests.ForkingSetup#each")
    void errorsInAChildAreReportedAndTheParentLives(ForkingSetup setup) throws Exception {
        Set<Long> before = ForkedServer.children();
        try (ForkedServer server =
                setup.server(Saboteur.class, workers -> workers.minIdle(1)).start()) {
            try (Client client = server.client()) {
                client.send("throw");
                server.awaitEnd(1);
            }
            HandlerException failure = assertInstanceOf(
                    HandlerException.class, server.failures().remove().thrown());
            assertEquals(OutOfMemoryError.class.getName(), failure.className());
            assertEquals("lives", server.ask("lives"));
        }
        assertEquals(before, ForkedServer.children());
    }

    @ParameterizedTest
    @EnumSource(
            value = ForkingSetup.class,
            names = {"TCP_DESCRIPTOR", "UDP"})
    void aChildOfTheApplicationIsNeverWaitedForOrKilled(ForkingSetup setup) throws Exception {
        Process lasting = new ProcessBuilder("sleep", "600").start();
        Process ended = new ProcessBuilder("sh", "-c", "exit " + STATUS).start();
        Set<Long> before = new HashSet<>(ForkedServer.children());
        try (ForkedServer server =
                setup.server(Saboteur.class, workers -> workers.minIdle(2)).start()) {
            assertFalse(server.workers().workers().stream().anyMatch(worker -> worker.pid() == lasting.pid()));
            assertFalse(server.workers().activeChildren().contains(lasting.pid()));
            server.awaitIdle(2);
            ProcessHandle worker =
                    ProcessHandle.of(server.pids(Phase.IDLE).get(0)).orElseThrow();
            assertTrue(worker.destroyForcibly());
            worker.onExit().join();
            for (int i = 0; i < 10; i++) {
                server.workers().collectChildren();
                assertEquals("lives", server.ask("lives"));
            }
        }
        assertTrue(lasting.isAlive());
        assertEquals(STATUS, ended.waitFor());
        before.remove(ended.pid());
        assertEquals(before, ForkedServer.children());
        lasting.destroyForcibly().onExit().join();
    }
}
