package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.FilterConnection;
import org.socketserver.api.spi.Layer;
import org.socketserver.mixins.StreamRequestHandler;

/**
 * Layers come between the transport and the handler, whatever the transport and the mix-in are. A client that is slow,
 * silent or wrong in its handshake costs itself only.
 */
@EachStreamWay
class LayerTest extends ServingTest {
    @BeforeEach
    void onlyOwnLayers() {
        assumeFalse(setup.transport().isTls(), "these tests have layers of their own");
    }

    private BaseServer<?> layered(ServerOptions options, Layer... layers) throws IOException {
        BaseServer<?> server = server(ObedientHandler.class, options);
        for (Layer layer : layers) {
            server.layer(layer);
        }
        server.start();
        return server;
    }

    private BaseServer<?> greeting(ServerOptions options) throws IOException {
        return layered(options, new Hello(false));
    }

    private StreamClient greeted(BaseServer<?> server) throws IOException {
        StreamClient client = connect(server);
        client.send("hello 192.0.2.1");
        return client;
    }

    /** Returns a client that has connected and whose handshake has begun. */
    private StreamClient silent(BaseServer<?> server) throws Exception {
        int before = events.started().size();
        StreamClient client = connect(server);
        awaitStarted(before + 1);
        return client;
    }

    private void awaitStarted(int count) throws InterruptedException {
        long began = System.nanoTime();
        while (events.started().size() < count) {
            assertTrue(millisSince(began) < 20_000, "not accepted");
            Thread.sleep(1);
        }
    }

    private RequestEnd onlyEnd() throws InterruptedException {
        List<RequestEnd> ends = events.awaitEnds(1);
        assertEquals(1, ends.size());
        return ends.get(0);
    }

    @Test
    void theFirstLayerThatWasAddedIsTheFirstOnTheWire() throws Exception {
        BaseServer<?> server = layered(options(), new Hello(false), Flipped::new);
        StreamClient client = greeted(server);
        client.write(Flipped.flip("upper through\n"));
        client.halfClose();
        assertEquals(new String(Flipped.flip("THROUGH\n"), "ISO-8859-1"), new String(client.readAll(), "ISO-8859-1"));
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.DONE, end.outcome());
        assertEquals("upper through\n".length(), end.bytesIn(), "the bytes of the handler");
        assertEquals("THROUGH\n".length(), end.bytesOut());
    }

    @Test
    void silentClientsDelayNobodyIfThereIsAMixIn() throws Exception {
        assumeTrue(setup.isConcurrent());
        BaseServer<?> server =
                server(ObedientHandler.class, options(), setup.concurrency().bounded(1));
        server.layer(new Hello(false));
        server.start();
        for (int count = 0; count < 30; count++) {
            silent(server);
        }
        assertEquals("FIRST", greeted(server).ask("upper first"));
    }

    @Test
    void withoutAMixInTheHandshakeRunsOnTheAcceptLoopAndOtherwiseNeverDoes() throws Exception {
        var threads = ServingTest.<Thread>box();
        Layer noting = below -> {
            threads.add(Thread.currentThread());
            return below;
        };
        BaseServer<?> server = layered(options(), noting);
        assertEquals("X", connect(server).ask("upper x"));
        assertEquals(!setup.isConcurrent(), take(threads).getName().equals(server.name() + " accept"));
    }

    @Test
    void aClientThatIsSilentInItsHandshakeIsClosedAfterTheDeadline() throws Exception {
        BaseServer<?> server = greeting(options().deadline(Deadline.HANDSHAKE, Duration.ofMillis(50)));
        StreamClient silent = connect(server);
        assertTrue(isGone(silent));
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.TIMED_OUT, end.outcome());
        assertSame(Deadline.HANDSHAKE, end.deadline().orElseThrow());
        assertInstanceOf(DeadlineException.class, end.failure().orElseThrow());
        assertEquals(1, server.stats().timedOut(Deadline.HANDSHAKE));
        assertNeverHandled();
        assertEquals("NEXT", greeted(server).ask("upper next"));
    }

    @Test
    void aClientWhoseHandshakeFailsIsRejectedCountedAndLoggedAtDebugLevelOnly() throws Exception {
        BaseServer<?> server = greeting(options());
        StreamClient stranger = connect(server);
        stranger.send("good morning");
        assertTrue(isGone(stranger));
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.REJECTED, end.outcome());
        assertSame(Rejection.HANDSHAKE_FAILED, end.rejection().orElseThrow());
        assertEquals("no hello: good morning", end.failure().orElseThrow().getMessage());
        assertEquals(1, server.stats().rejected(Rejection.HANDSHAKE_FAILED));
        assertNeverHandled();
        assertEquals("NEXT", greeted(server).ask("upper next"));
    }

    @Test
    void aClientThatLeavesDuringItsHandshakeCountsAsAFailedHandshake() throws Exception {
        BaseServer<?> server = greeting(options());
        StreamClient leaving = connect(server);
        leaving.write("hel".getBytes("US-ASCII"));
        leaving.close();
        assertSame(Rejection.HANDSHAKE_FAILED, onlyEnd().rejection().orElseThrow());
        assertNeverHandled();
    }

    private void assertNeverHandled() {
        assertEquals(0, hooks.count("processRequest"));
        assertTrue(hooks.failures.isEmpty(), "handleError is not called");
        assertEquals(List.of(), log.messages(Level.INFO));
    }

    /** Returns whether the server has closed a connection, with or without a reset. */
    private static boolean isGone(StreamClient client) {
        try {
            return client.isAtEnd();
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void aDefectOfALayerIsReportedToTheErrorHookAndEndsItsConnectionOnly() throws Exception {
        BaseServer<?> server = layered(options(), below -> {
            throw new IllegalStateException("a defect");
        });
        assertTrue(isGone(connect(server)));
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertEquals("a defect", end.failure().orElseThrow().getMessage());
        assertEquals(1, hooks.failures.size());
        assertTrue(isGone(connect(server)));
        assertEquals(2, events.awaitEnds(2).size());
    }

    @Test
    void atTheLimitTheOldestHandshakeMakesRoomForANewOne() throws Exception {
        assumeTrue(setup.isConcurrent());
        BaseServer<?> server = greeting(options().limits(Limits.NONE.handshakes(2)));
        StreamClient oldest = silent(server);
        StreamClient second = silent(server);
        StreamClient third = silent(server);
        assertTrue(isGone(oldest));
        assertSame(Rejection.TOO_MANY_HANDSHAKES, onlyEnd().rejection().orElseThrow());
        second.send("hello 192.0.2.1");
        assertEquals("SECOND", second.ask("upper second"));
        third.send("hello 192.0.2.1");
        assertEquals("THIRD", third.ask("upper third"));
    }

    @Test
    void aFloodOfHandshakesUsesABoundedNumberOfThreads() throws Exception {
        assumeTrue(setup.isConcurrent());
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Layer slow = below -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                return new Hello(false).over(below);
            } finally {
                // A handshake that was ended still needs time to go.
                LockSupport.parkNanos(20_000_000);
                running.decrementAndGet();
            }
        };
        BaseServer<?> server = layered(options().limits(Limits.NONE.handshakes(5)), slow);
        for (int count = 0; count < 200; count++) {
            connect(server);
        }
        assertEquals("LAST", greeted(server).ask("upper last"));
        assertTrue(most.get() <= 10, most + " ran at the same time");
        assertEquals(0, server.stats().timedOut(Deadline.HANDSHAKE), "no silent client has held up others");
    }

    @Test
    void aHandshakeIsNeverEndedForAnotherOnceItsHandlerRuns() throws Exception {
        assumeTrue(setup.isConcurrent() && !setup.isForking());
        BaseServer<?> server = layered(options().limits(Limits.NONE.handshakes(1)), below -> below);
        FutureTask<Void> others = inBackground(() -> {
            for (int count = 0; count < 300; count++) {
                connect(server).close();
            }
        });
        for (int count = 0; count < 300; count++) {
            try (StreamClient client = connect(server)) {
                client.ask("upper x");
            } catch (IOException ended) {
                // In its handshake.
            }
        }
        await(others);
        awaitAllEnded();
        long begun = hooks.count("finishRequest");
        long rejected = server.stats().rejected(Rejection.TOO_MANY_HANDSHAKES);
        assertEquals(server.stats().accepted(), begun + rejected);
        assertTrue(hooks.failures.isEmpty(), () -> hooks.failures.toString());
    }

    private void awaitAllEnded() throws InterruptedException {
        events.awaitEnds(events.started().size());
    }

    @Test
    void withManyMoreClientsThanHandshakesAndSlotsAllAreServed() throws Exception {
        assumeTrue(setup.isConcurrent());
        ServerOptions options = options().limits(Limits.NONE.handshakes(1)).pollInterval(Duration.ofMinutes(1));
        BaseServer<?> server =
                server(ObedientHandler.Once.class, options, setup.concurrency().bounded(1));
        server.layer(below -> below);
        server.start();
        List<StreamClient> clients = new ArrayList<>();
        for (int count = 0; count < 50; count++) {
            clients.add(connect(server));
            clients.get(count).send("upper " + count);
        }
        for (int count = 0; count < 50; count++) {
            try {
                String answer = clients.get(count).receive();
                assertTrue(answer == null || answer.equals("" + count), answer);
            } catch (IOException ended) {
                // One that does not wait for capacity yet may be ended for another.
            }
        }
        assertEquals(50, events.awaitEnds(50).size());
    }

    @Test
    void aConnectionWhoseHandshakeIsDoneWaitsForCapacity() throws Exception {
        assumeTrue(setup.isConcurrent());
        BaseServer<?> server = server(
                ObedientHandler.Once.class, options(), setup.concurrency().bounded(1));
        server.layer(new Hello(false));
        server.start();
        Gate gate = gate();
        StreamClient first = silent(server);
        StreamClient second = silent(server);
        first.send("hello 192.0.2.1");
        atGate(first, "wait", gate);
        second.send("hello 192.0.2.2");
        second.send("upper second");
        Thread.sleep(100);
        assertEquals(1, hooks.count("processRequest"), "passed to the mix-in");
        gate.open();
        assertEquals("SECOND", second.receive());
    }

    @Test
    void aConnectionThatWaitsForCapacityIsAbortedByAStop() throws Exception {
        assumeTrue(setup.isConcurrent());
        BaseServer<?> server = server(
                ObedientHandler.Once.class, options(), setup.concurrency().bounded(1));
        server.layer(new Hello(false));
        server.start();
        StreamClient first = silent(server);
        StreamClient second = silent(server);
        first.send("hello 192.0.2.1");
        atGate(first, "wait", gate());
        second.send("hello 192.0.2.2");
        Thread.sleep(50);
        ShutdownReport report = server.close(Duration.ofMillis(50));
        assertEquals(2, report.forced().size());
        assertEquals(2, events.awaitEnds(2).size());
        assertEquals(List.of(), server.liveRequests());
    }

    @Test
    void aConnectionIsRejectedAfterItsHandshakeIfItNeedNotWaitForCapacity() throws Exception {
        assumeTrue(setup.isConcurrent());
        ServerOptions options = options().limits(Limits.NONE.whenFull(WhenFull.answer("busy\n")));
        BaseServer<?> server =
                server(ObedientHandler.Once.class, options, setup.concurrency().bounded(1));
        server.layer(new Hello(false));
        server.start();
        StreamClient first = silent(server);
        StreamClient second = silent(server);
        first.send("hello 192.0.2.1");
        atGate(first, "wait", gate());
        second.send("hello 192.0.2.2");
        assertEquals("busy", second.receive());
        assertSame(Rejection.FULL, onlyEnd().rejection().orElseThrow());
        assertTrue(isGone(connect(server)), "a client that is rejected before its handshake gets no answer");
    }

    @Test
    void theRulesForClientsApplyOnceALayerHasIdentifiedTheClient() throws Exception {
        hooks.around("clientKey", (proceed, request) -> ip(request));
        hooks.around("verifyRequest", (proceed, request) -> !ip(request).equals("198.51.100.9"));
        ServerOptions options = options()
                .limits(Limits.NONE
                        .perClient(1)
                        .deny(Network.parse("203.0.113.0/24"))
                        .allow(Network.parse("198.51.100.0/24"), Network.parse("203.0.113.0/24")));
        BaseServer<?> server = layered(options, new Hello(true));

        assertRejected(server, "203.0.113.7", Rejection.DENIED);
        assertRejected(server, "192.0.2.1", Rejection.DENIED);
        assertRejected(server, "198.51.100.9", Rejection.NOT_VERIFIED);
        assertEquals(1, hooks.count("verifyRequest"));

        StreamClient first = connect(server);
        first.send("hello 198.51.100.1");
        assertEquals("198.51.100.1", first.ask("peer").replaceAll("^/|:1$", ""));
        if (setup.isConcurrent()) {
            assertRejected(server, "198.51.100.1", Rejection.PER_CLIENT);
            StreamClient other = connect(server);
            other.send("hello 198.51.100.2");
            assertEquals("OTHER", other.ask("upper other"));
        }
    }

    private static String ip(Request request) {
        return ((InetSocketAddress) request.clientAddress()).getAddress().getHostAddress();
    }

    private void assertRejected(BaseServer<?> server, String ip, Rejection why) throws Exception {
        int before = events.stopped().size();
        StreamClient client = connect(server);
        client.send("hello " + ip);
        assertTrue(isGone(client));
        List<RequestEnd> ends = events.awaitEnds(before + 1);
        assertSame(why, ends.get(before).rejection().orElseThrow());
    }

    @Test
    void withoutSuchALayerTheRulesForClientsApplyAtTheAccept() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> false);
        BaseServer<?> server = greeting(options());
        assertTrue(isGone(connect(server)));
        assertSame(Rejection.NOT_VERIFIED, onlyEnd().rejection().orElseThrow());
    }

    @Test
    void aStopLetsAHandshakeFinishAndItsRequestToo() throws Exception {
        assumeTrue(setup.isConcurrent());
        BaseServer<?> server = greeting(options());
        StreamClient client = silent(server);
        FutureTask<ShutdownReport> stop = new FutureTask<>(() -> server.shutdown(Duration.ofSeconds(20)));
        new Thread(stop).start();
        while (!server.isStopping()) {
            Thread.sleep(1);
        }
        Thread.sleep(100);
        client.send("hello 192.0.2.1");
        assertEquals("LATE", client.ask("upper late"));
        assertTrue(client.isAtEnd());
        assertEquals(List.of(), stop.get().forced());
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.DONE, end.outcome(), () -> end.failure().toString());
    }

    @Test
    void aStopAbortsAHandshakeAfterTheGracePeriod() throws Exception {
        BaseServer<?> server = greeting(options());
        StreamClient client = silent(server);
        ShutdownReport report = server.shutdown(Duration.ofMillis(50));
        assertEquals(1, report.forced().size());
        assertSame(RequestOutcome.ABORTED, onlyEnd().outcome());
        assertTrue(isGone(client));
        assertNeverHandled();
    }

    @Test
    void theDeadlineOfTheFirstByteCountsFromTheEndOfTheHandshake() throws Exception {
        BaseServer<?> server = greeting(options().deadline(Deadline.FIRST_BYTE, Duration.ofMillis(300)));
        StreamClient client = silent(server);
        Thread.sleep(400);
        long began = System.nanoTime();
        client.send("hello 192.0.2.1");
        assertTrue(client.isAtEnd());
        assertTrue(millisSince(began) >= 290, "after " + millisSince(began) + " ms");
        assertSame(Deadline.FIRST_BYTE, onlyEnd().deadline().orElseThrow());
    }

    @Test
    void anIdleConnectionEndsAtAStopThroughItsLayers() throws Exception {
        BaseServer<?> server = layered(options(), new Hello(false), Flipped::new);
        StreamClient client = greeted(server);
        client.write(Flipped.flip("upper x\n"));
        assertEquals(0xff & ~'X', client.read());
        assertEquals(0xff & ~'\n', client.read());
        assertEquals(List.of(), server.shutdown(Duration.ofSeconds(20)).forced());
        assertTrue(client.isAtEnd());
    }

    @Test
    void layersAreSetBeforeTheServerIsBound() throws Exception {
        BaseServer<?> server = greeting(options());
        assertThrows(IllegalStateException.class, () -> server.layer(new Hello(false)));
        assertThrows(
                NullPointerException.class, () -> server(ObedientHandler.class).layer(null));
    }

    /** Talks plainly until its client says {@code start}. */
    public static final class Starting extends StreamRequestHandler {
        /** Instantiated by the server. */
        public Starting() {}

        @Override
        protected int outputBufferSize() {
            return 1_000;
        }

        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                if (line.startsWith("start")) {
                    writeLine("go ahead");
                    startTls(line.equals("start") ? Flipped::new : Starting::silent);
                } else {
                    writeLine(line.toUpperCase(Locale.ROOT));
                    output().flush();
                }
            }
        }

        /** A layer that waits for a byte, and fails. */
        private static Connection silent(Connection below) throws IOException {
            below.read(ByteBuffer.allocate(1));
            throw new ProtocolException("the handshake failed");
        }
    }

    @Test
    void aHandlerCanAddALayer() throws Exception {
        StreamClient client = connect(started(Starting.class));
        assertEquals("PLAIN", client.ask("plain"));
        assertEquals("go ahead", client.ask("start"));
        client.write(Flipped.flip("secret\n"));
        client.halfClose();
        assertEquals(new String(Flipped.flip("SECRET\n"), "ISO-8859-1"), new String(client.readAll(), "ISO-8859-1"));
        assertSame(RequestOutcome.DONE, onlyEnd().outcome());
    }

    @Test
    void theOutputOfALayerThatAHandlerHasAddedEndsThroughTheLayer() throws Exception {
        StreamClient client = connect(started(Parting.class));
        client.write(Flipped.flip("x\n"));
        assertEquals(new String(Flipped.flip("X\ngoodbye"), "ISO-8859-1"), new String(client.readAll(), "ISO-8859-1"));
    }

    /** Adds a layer that says goodbye at the end of its output, as TLS does. */
    public static final class Parting extends StreamRequestHandler {
        /** Instantiated by the server. */
        public Parting() {}

        @Override
        public void handle() throws IOException {
            startTls(below -> new FilterConnection(new Flipped(below)) {
                @Override
                public Optional<SocketChannel> channel() {
                    return Optional.empty();
                }

                @Override
                public void shutdownOutput() throws IOException {
                    write(ByteBuffer.wrap("goodbye".getBytes("US-ASCII")));
                    super.shutdownOutput();
                }
            });
            writeLine(String.valueOf(readLine()).toUpperCase(Locale.ROOT));
        }
    }

    @Test
    void plainTextBehindTheCommandThatAddsALayerIsRefused() throws Exception {
        StreamClient client = connect(started(Starting.class));
        client.write("start\ninjected\n".getBytes("US-ASCII"));
        assertEquals("go ahead", client.receive());
        assertTrue(isGone(client));
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertThrown(
                ProtocolException.class,
                "the client sent 9 bytes in plain text that belong after the handshake",
                end.failure().orElseThrow());
    }

    @Test
    void aLayerThatAHandlerAddsHasTheDeadlineOfAHandshake() throws Exception {
        StreamClient client =
                connect(started(Starting.class, options().deadline(Deadline.HANDSHAKE, Duration.ofMillis(50))));
        assertEquals("go ahead", client.ask("start silent"));
        assertTrue(isGone(client));
        RequestEnd end = onlyEnd();
        assertSame(RequestOutcome.TIMED_OUT, end.outcome());
        assertSame(Deadline.HANDSHAKE, end.deadline().orElseThrow());
    }

    @Test
    void aStopAbortsALayerThatAHandlerAdds() throws Exception {
        BaseServer<?> server = started(Starting.class);
        StreamClient client = connect(server);
        assertEquals("go ahead", client.ask("start silent"));
        assertEquals(1, server.shutdown(Duration.ofMillis(50)).forced().size());
        assertTrue(isGone(client));
        assertSame(RequestOutcome.ABORTED, onlyEnd().outcome());
    }
}
