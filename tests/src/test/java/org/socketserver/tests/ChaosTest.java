package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A hundred clients, handlers that fail in every way, and servers that are stopped and started meanwhile, over all
 * transports at once: no answer is wrong, nothing leaks, and all servers survive.
 *
 * <p>Runs for 4 s, for 60 s with {@code -Pexhaustive}, or for {@code -Dsocketserver.chaos.seconds}. The seed can be set
 * with {@code -Dsocketserver.chaos.seed}; the same seed gives the same decisions in each thread, but not the same order
 * among threads.
 */
class ChaosTest {
    private static final int CLIENTS = 100;
    private static final long SECONDS = Long.getLong("socketserver.chaos.seconds", Setup.EXHAUSTIVE ? 60 : 4);
    private static final long SEED = Long.getLong("socketserver.chaos.seed", System.nanoTime());

    private final Random random = new Random(SEED);
    private final AtomicBoolean over = new AtomicBoolean();
    private final ChaosScore score = new ChaosScore();
    private final List<ChaosServer> servers = new ArrayList<>();
    private final List<Thread> clients = new ArrayList<>();
    private String last = "";

    @Test
    @Timeout(value = 12, unit = TimeUnit.HOURS)
    void serversSurviveWhateverClientsHandlersAndOperatorsDo() {
        System.out.println("chaos: " + SECONDS + " s with seed " + SEED);
        try (CapturedLog log = CapturedLog.begin()) {
            assertTimeoutPreemptively(Duration.ofSeconds(SECONDS + 180), () -> run(log));
        } catch (Throwable failure) {
            throw new AssertionError(
                    "with seed " + SEED + ", after " + last + ", " + score + ", " + servers + ": "
                            + failure.getMessage(),
                    failure);
        } finally {
            over.set(true);
            servers.forEach(ChaosServer::close);
        }
    }

    private void run(CapturedLog log) throws Exception {
        open();
        servers.forEach(this::serves);
        closeAll();
        // The descriptors that the JDK and junixsocket open once are open now.
        int descriptors = Footprint.countDescriptors();
        open();
        for (int i = 0; i < CLIENTS; i++) {
            String name = "client " + i;
            Thread client = new Thread(
                    new ChaosClient(servers.get(i % servers.size()), name, SEED + i, over, score), "chaos " + name);
            client.setDaemon(true);
            client.start();
            clients.add(client);
        }
        direct(log);
        calm();
        for (ChaosServer server : servers) {
            serves(server);
            awaitIdle(server);
        }
        closeAll();
        Footprint.awaitNoServer(descriptors + 10);
        assertEquals(List.of(), score.faults());
        assertTrue(score.answers() > 10 * SECONDS, "too few answers to prove anything");
    }

    private void open() throws Exception {
        List<Concurrency> kinds = new ArrayList<>(List.of(Concurrency.PLATFORM));
        if (Concurrency.VIRTUAL.isAvailable()) {
            kinds.add(Concurrency.VIRTUAL);
        }
        for (Transport transport : Transport.values()) {
            if (transport.isAvailable()) {
                servers.add(new ChaosServer(new Setup(transport, kinds.get(random.nextInt(kinds.size())))));
            }
        }
    }

    private void closeAll() {
        servers.forEach(ChaosServer::close);
        servers.clear();
    }

    /** Disturbs random servers until the time is over. */
    private void direct(CapturedLog log) throws Exception {
        long began = System.nanoTime();
        long told = 0;
        while (ServingTest.millisSince(began) < SECONDS * 1_000) {
            ChaosServer server = servers.get(random.nextInt(servers.size()));
            long acted = System.nanoTime();
            last = server.disturb(random) + " of " + server.transport;
            assertTrue(ServingTest.millisSince(acted) < 10_000, last + " took too long");
            for (String message : log.drain()) {
                if (message.contains(" threw") || message.contains("accept failed") || message.contains("stopped")) {
                    score.fault("logged: " + message);
                }
            }
            Thread.sleep(random.nextInt(40));
            long seconds = ServingTest.millisSince(began) / 10_000 * 10;
            if (seconds > told) {
                told = seconds;
                System.out.println("chaos: " + seconds + " s, " + score);
            }
        }
    }

    private void calm() throws Exception {
        for (ChaosServer server : servers) {
            server.calm();
        }
        over.set(true);
        long began = System.nanoTime();
        for (Thread client : clients) {
            client.join(Math.max(1, 40_000 - ServingTest.millisSince(began)));
            assertTrue(!client.isAlive(), () -> client.getName() + " hangs " + List.of(client.getStackTrace()));
        }
    }

    private void serves(ChaosServer server) {
        try (Client client = server.transport.client(server.server.address())) {
            assertEquals("afterwards", client.ask("afterwards"));
        } catch (Exception failure) {
            throw new AssertionError("a new client of " + server, failure);
        }
    }

    private static void awaitIdle(ChaosServer server) throws InterruptedException {
        long began = System.nanoTime();
        while (!server.isIdle()) {
            assertTrue(ServingTest.millisSince(began) < 20_000, () -> "not idle: " + server);
            Thread.sleep(5);
        }
    }
}
