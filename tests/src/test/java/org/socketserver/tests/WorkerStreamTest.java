package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.Deadline;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.WorkerState.Phase;

/**
 * A connection in a worker behaves like any other: slowness, half-close and reset reach the other end in both
 * directions.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("org.socketserver.tests.ForkingSetup#firstStream")
@Timeout(180)
class WorkerStreamTest {
    private static final int TEN_MEGABYTES = 10 * 1024 * 1024;
    private static final int MEGABYTE = 1024 * 1024;
    private static final int SLOW_CHUNK = 100_000;
    private static final int SMALL = 20_000;
    private static final int RESETS = 20;
    private static final Duration WRITE = Duration.ofSeconds(1);

    @Parameter
    ForkingSetup setup;

    private ForkedServer server;
    private StreamClient client;

    @BeforeEach
    void start() throws IOException {
        server = setup.server(
                        StreamActs.class,
                        workers -> workers.minIdle(1).maxChildren(2),
                        ServerOptions.DEFAULTS.deadline(Deadline.WRITE, WRITE.multipliedBy(20)))
                .start();
    }

    @AfterEach
    void close() throws IOException {
        if (client != null) {
            client.close();
        }
        // There is none if the setup is skipped.
        if (server != null) {
            server.close();
        }
    }

    private StreamClient connect(String act) throws IOException {
        client = server.connect();
        client.send(act);
        return client;
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private void assertEndsAs(RequestOutcome outcome) throws InterruptedException {
        RequestEnd end = server.awaitEnd(1);
        assertEquals(outcome, end.outcome(), () -> end + ", " + server);
    }

    private void assertContinues() throws Exception {
        assertEquals("got on", server.ask("on"));
        server.awaitIdle(1);
    }

    @Test
    void tenMegabytesGoEachWayBetweenSlowEnds() throws Exception {
        byte[] sent = random(TEN_MEGABYTES);
        connect("slowEcho");
        FutureTask<Void> writing = ServingTest.inBackground(() -> {
            for (int from = 0; from < sent.length; from += SLOW_CHUNK) {
                client.write(Arrays.copyOfRange(sent, from, Math.min(sent.length, from + SLOW_CHUNK)));
                Thread.sleep(1);
            }
            client.halfClose();
        });
        var received = new ByteArrayOutputStream(TEN_MEGABYTES);
        for (int next = client.read(); next >= 0; next = client.read()) {
            received.write(next);
            if (received.size() % SLOW_CHUNK == 0) {
                Thread.sleep(2);
            }
        }
        writing.get(60, TimeUnit.SECONDS);
        assertArrayEquals(sent, received.toByteArray());
        RequestEnd end = server.awaitEnd(1);
        assertEquals(RequestOutcome.DONE, end.outcome(), end::toString);
        assertEquals(sent.length + "slowEcho\n".length(), end.bytesIn());
        assertEquals(sent.length, end.bytesOut());
        assertContinues();
    }

    @Test
    void connectionsResetBeforeAWorkerHasThemAffectNoOthers() throws Exception {
        StreamClient first = connect("count");
        StreamClient second = server.connect();
        second.send("count");
        ForkedServer.await(() -> server.pids(Phase.BUSY).size() == 2, server::toString);
        for (int i = 0; i < RESETS; i++) {
            StreamClient one = server.connect();
            one.send("too late");
            one.reset();
        }
        first.halfClose();
        second.halfClose();
        assertEquals("counted 0", first.receive());
        assertEquals("counted 0", second.receive());
        second.close();
        assertContinues();
        assertEquals(
                Set.copyOf(server.events().started()),
                Set.copyOf(server.events().stopped()));
    }

    @Test
    void aResetDuringATransferEndsTheHandler() throws Exception {
        connect("slowEcho");
        client.write(random(SLOW_CHUNK));
        assertTrue(client.read() >= 0);
        client.reset();
        assertEndsAs(RequestOutcome.DISCONNECTED);
        assertContinues();
    }

    @Test
    void aResetWhileTheHandlerWritesEndsIt() throws Exception {
        connect("endless");
        assertTrue(client.read() >= 0);
        client.reset();
        assertEndsAs(RequestOutcome.DISCONNECTED);
        assertContinues();
    }

    @Test
    void theEndOfTheClientsOutputReachesTheHandlerWhichCanStillAnswer() throws Exception {
        connect("count");
        client.write(random(MEGABYTE));
        client.halfClose();
        assertEquals("counted " + MEGABYTE, client.receive());
        assertTrue(client.isAtEnd());
        assertEndsAs(RequestOutcome.DONE);
    }

    @Test
    void theEndOfTheHandlersOutputReachesTheClientWhichCanStillSend() throws Exception {
        connect("endFirst " + MEGABYTE);
        assertTrue(client.isAtEnd());
        client.write(random(MEGABYTE));
        client.halfClose();
        assertEndsAs(RequestOutcome.DONE);
        assertContinues();
    }

    @Test
    void manySmallWritesArriveAsTheyWereWritten() throws Exception {
        connect("small " + SMALL);
        byte[] received = client.readAll();
        assertEquals(SMALL, received.length);
        for (int i = 0; i < SMALL; i++) {
            assertEquals((byte) i, received[i], "byte " + i);
        }
        assertEndsAs(RequestOutcome.DONE);
    }

    @Test
    void oneThreadOfAHandlerReadsWhileAnotherWrites() throws Exception {
        connect("both " + TEN_MEGABYTES);
        FutureTask<Void> writing = ServingTest.inBackground(() -> {
            client.write(new byte[TEN_MEGABYTES]);
            client.halfClose();
        });
        byte[] received = client.readAll();
        writing.get(60, TimeUnit.SECONDS);
        String answer = "read " + TEN_MEGABYTES + "\n";
        assertEquals(TEN_MEGABYTES + answer.length(), received.length);
        assertEquals(
                answer,
                new String(Arrays.copyOfRange(received, TEN_MEGABYTES, received.length), StandardCharsets.UTF_8));
        assertEndsAs(RequestOutcome.DONE);
        assertContinues();
    }

    @Test
    void aClientThatNeverReadsEndsTheHandlerWithItsWriteDeadline() throws Exception {
        server.close();
        server = setup.server(
                        StreamActs.class,
                        workers -> workers.minIdle(1).maxChildren(2),
                        ServerOptions.DEFAULTS.deadline(Deadline.WRITE, WRITE))
                .start();
        connect("endless");
        RequestEnd end = server.awaitEnd(1);
        assertEquals(RequestOutcome.TIMED_OUT, end.outcome(), end::toString);
        assertEquals(Deadline.WRITE, end.deadline().orElseThrow());
        assertContinues();
    }

    @Test
    void aClientThatNeverReadsEndsTheHandlerWithTheDeadlineOfTheRequest() throws Exception {
        server.close();
        server = setup.server(
                        StreamActs.class,
                        workers -> workers.minIdle(1).maxChildren(2),
                        ServerOptions.DEFAULTS
                                .deadline(Deadline.REQUEST, WRITE)
                                .deadline(Deadline.WRITE, Duration.ZERO))
                .start();
        connect("endless");
        RequestEnd end = server.awaitEnd(1);
        assertEquals(RequestOutcome.TIMED_OUT, end.outcome(), end::toString);
        assertEquals(Deadline.REQUEST, end.deadline().orElseThrow());
    }
}
