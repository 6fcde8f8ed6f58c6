package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.mixins.WorkerDiedException;

/**
 * Workers are killed and stopped at random under load, and only their own clients notice.
 *
 * <p>A new JVM takes about half a second of CPU time, so there are 5 signals for each transport, 50 with
 * {@code -Pexhaustive}, or as many as {@code -Dsocketserver.kills} says. {@code -Dsocketserver.kills.seed} sets the
 * seed.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class KilledWorkersTest {
    private static final int USUAL_KILLS = Setup.EXHAUSTIVE ? 50 : 5;
    private static final int KILLS = Integer.getInteger("socketserver.kills", USUAL_KILLS);
    private static final long SEED = Long.getLong("socketserver.kills.seed", System.nanoTime());
    private static final int CLIENTS = 6;
    private static final int MIN_IDLE = 2;
    private static final int LINES = 4;
    private static final int SIGKILL = 9;
    private static final int SIGNALS = 128;
    private static final int TRIES = 20;
    private static final long PACKET_MILLIS = 1_500;

    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger unanswered = new AtomicInteger();
    private volatile boolean over;

    @ParameterizedTest
    @MethodSource("org.socketserver.tests.ForkingSetup#each")
    void killedAndStoppedWorkersLoseOnlyTheirOwnRequestsAndLeaveNothingBehind(ForkingSetup setup) throws Exception {
        Set<Long> childrenBefore = ForkedServer.children();
        warmUp(setup);
        int descriptorsBefore = Footprint.countDescriptors();
        System.out.println("kills: " + setup + ", seed " + SEED);
        long began = System.nanoTime();
        try (ForkedServer server = server(setup)) {
            server.start();
            WorkerKiller killer = new WorkerKiller(server.workers(), answered, SEED);
            List<FutureTask<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(ServingTest.inBackground(() -> {
                    if (setup.isStream()) {
                        connectRepeatedly(server);
                    } else {
                        sendRepeatedly(server);
                    }
                }));
            }
            killer.run(KILLS);
            over = true;
            for (FutureTask<Void> client : clients) {
                awaitClient(client, server);
            }
            ForkedServer.await(() -> !killer.isAnyLeft(), () -> killer + ", but " + server);
            server.awaitIdle(MIN_IDLE);
            assertEquals(Set.copyOf(server.pids(Phase.IDLE)), workersOf(childrenBefore));
            assertEquals("AFTERWARDS", server.ask("afterwards"));
            server.awaitIdle(MIN_IDLE);
            assertEveryRequestReportedOnce(server);
            assertEveryFailureIsADeath(server);
            long starved = starved(server, killer);
            assertTrue(
                    unanswered.get() <= killer.signals() + starved,
                    () -> unanswered.get() + " requests were not answered, " + killer + " and " + starved + " starved");
            System.out.printf(
                    "kills: %s: %s in %,d ms; %,d answered, %,d not%n",
                    setup, killer, ServingTest.millisSince(began), answered.get(), unanswered.get());
        }
        assertEquals(Set.of(), workersOf(childrenBefore));
        Footprint.awaitNoServer(descriptorsBefore);
        assertTrue(answered.get() > 0, "no request was answered");
    }

    private static ForkedServer server(ForkingSetup setup) {
        return setup.server(
                WorkingHandler.class,
                workers -> workers.maxChildren(CLIENTS).minIdle(MIN_IDLE).heartbeatTimeout(Duration.ofSeconds(1)));
    }

    /** Opens the descriptors that the JDK and junixsocket keep open. */
    private static void warmUp(ForkingSetup setup) throws IOException {
        try (ForkedServer server = server(setup)) {
            server.start();
            assertEquals("WARM", server.ask("warm"), server::toString);
        }
    }

    private static Set<Long> workersOf(Set<Long> childrenBefore) {
        Set<Long> now = ForkedServer.children();
        now.removeAll(childrenBefore);
        return now;
    }

    /** Opens one connection after another. Each is answered line by line until it ends, and always ends. */
    private void connectRepeatedly(ForkedServer server) throws IOException {
        for (int i = 0; !over; i++) {
            try (StreamClient client = server.connect()) {
                for (int line = 0; line < LINES; line++) {
                    if (!isAnswered(client, "line " + line + " of " + i)) {
                        unanswered.incrementAndGet();
                        break;
                    }
                    answered.incrementAndGet();
                }
            }
        }
    }

    private static boolean isAnswered(StreamClient client, String line) {
        String answer;
        try {
            answer = client.ask(line);
        } catch (IOException reset) {
            return false;
        }
        if (answer == null) {
            return false;
        }
        assertEquals(line.toUpperCase(Locale.ROOT), answer);
        return true;
    }

    /** Sends packets. Some may be lost, but later ones are answered. Late answers count. */
    private void sendRepeatedly(ForkedServer server) throws IOException {
        Set<String> pending = new HashSet<>();
        try (DatagramClient client = (DatagramClient) server.client()) {
            for (int i = 0; !over; i++) {
                if (client.offer("packet " + i)) {
                    pending.add("PACKET " + i);
                    receive(client, pending, "PACKET " + i);
                }
            }
            boolean last = false;
            for (int i = 0; i < TRIES && !last; i++) {
                // A worker that was stopped a moment ago may still receive a packet.
                client.send("last");
                last = receive(client, pending, "LAST");
            }
            assertTrue(last, () -> "not answered: " + server);
            receive(client, pending, "");
        }
        unanswered.addAndGet(pending.size());
    }

    /**
     * Receives answers until the given one arrives, none arrives in time, or none is missing.
     *
     * @return whether the given one arrived
     */
    private boolean receive(DatagramClient client, Set<String> pending, String awaited) throws IOException {
        while (!pending.isEmpty() || awaited.equals("LAST")) {
            byte[] packet = client.receivePacket(PACKET_MILLIS);
            if (packet == null) {
                return false;
            }
            String answer = new String(packet, StandardCharsets.UTF_8).strip();
            if (pending.remove(answer)) {
                answered.incrementAndGet();
            } else {
                assertEquals("LAST", answer, "an unexpected or duplicate answer");
            }
            if (answer.equals(awaited)) {
                return true;
            }
        }
        return false;
    }

    private static void awaitClient(FutureTask<Void> client, ForkedServer server) throws Exception {
        try {
            client.get(60, TimeUnit.SECONDS);
        } catch (TimeoutException hangs) {
            throw new AssertionError("a client hangs: " + server, hangs);
        }
    }

    private static void assertEveryRequestReportedOnce(ForkedServer server) {
        var events = server.events();
        assertEquals(events.started().size(), events.stopped().size());
        assertEquals(Set.copyOf(events.started()).size(), events.started().size());
        assertEquals(Set.copyOf(events.started()), Set.copyOf(events.stopped()));
    }

    /** Checks that each failure is the death of a different worker: a dying worker loses at most one request. */
    private static void assertEveryFailureIsADeath(ForkedServer server) {
        Set<Long> dead = new HashSet<>();
        for (Hooks.Failure failure : server.failures()) {
            WorkerDiedException death = assertInstanceOf(WorkerDiedException.class, failure.thrown());
            assertEquals(SIGNALS + SIGKILL, death.exitStatus(), death::getMessage);
            assertEquals(SIGKILL, death.signal(), death::getMessage);
            assertNotNull(failure.client());
            assertTrue(dead.add(death.pid()), () -> "two requests were lost with " + death.getMessage());
        }
    }

    /**
     * Returns how many workers were killed although this test did not signal them: on a busy machine they may have
     * missed their heartbeats.
     */
    private static long starved(ForkedServer server, WorkerKiller killer) {
        List<WorkerDiedException> others = server.failures().stream()
                .map(failure -> (WorkerDiedException) failure.thrown())
                .filter(death -> !killer.hasSignalled(death.pid()))
                .toList();
        for (WorkerDiedException death : others) {
            String why = String.valueOf(death.getMessage());
            assertTrue(why.contains("it gave no sign of life"), why);
        }
        return others.size();
    }
}
