package org.socketserver.mixins.forking.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.Server;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.HandlerException;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Done;
import org.socketserver.mixins.forking.wire.Messages.Heartbeat;
import org.socketserver.mixins.forking.wire.Messages.Identity;
import org.socketserver.mixins.forking.wire.Messages.Kind;
import org.socketserver.mixins.forking.wire.Messages.Start;

class WorkerServerTest {
    /** Completed by handlers, which run in the same process. */
    private static volatile CompletableFuture<Object> seen = new CompletableFuture<>();

    private static volatile CountDownLatch go = new CountDownLatch(1);

    @BeforeEach
    void reset() {
        seen = new CompletableFuture<>();
        go = new CountDownLatch(1);
    }

    private static Object seen() throws Exception {
        return seen.get(30, TimeUnit.SECONDS);
    }

    // Packets

    /** Sends its packet back twice. */
    public static final class Twice implements RequestHandler<DatagramRequest> {
        @Override
        public void handle(DatagramRequest request) throws Exception {
            request.reply(request.data());
            request.reply(request.data());
        }
    }

    @Test
    void aReplyIsSentByTheParentAndWaitsForTheResult() throws Exception {
        try (FakeParent parent = FakeParent.of(Twice.class)) {
            parent.packet(1, "ab");
            for (int i = 0; i < 2; i++) {
                Frame reply = parent.await(FrameType.REPLY);
                assertEquals(1, reply.number());
                assertEquals("ab", reply.text());
                parent.replied(1, null);
            }
            Done done = parent.awaitDone(1);
            assertEquals(RequestOutcome.DONE, done.outcome());
            assertEquals(2, done.bytesIn());
            assertEquals(4, done.bytesOut());
        }
    }

    /** Reports whether its reply was sent. */
    public static final class Asks implements RequestHandler<DatagramRequest> {
        @Override
        public void handle(DatagramRequest request) throws Exception {
            try {
                request.reply(request.data());
                seen.complete("sent");
            } catch (IOException notSent) {
                seen.complete(notSent);
            }
        }
    }

    @Test
    void theFailureOfAReplyIsThrownInTheHandler() throws Exception {
        try (FakeParent parent = FakeParent.of(Asks.class)) {
            parent.packet(1, "ab");
            parent.await(FrameType.REPLY);
            parent.replied(1, new ProtocolException("no route"));
            assertEquals(
                    "no route",
                    assertInstanceOf(ProtocolException.class, seen()).getMessage());
            assertEquals(RequestOutcome.DONE, parent.awaitDone(1).outcome(), "the handler caught it");
        }
    }

    @Test
    void anUncheckedFailureOfAReplyIsThrownAsAnIoException() throws Exception {
        try (FakeParent parent = FakeParent.of(Asks.class)) {
            parent.packet(1, "ab");
            parent.await(FrameType.REPLY);
            parent.replied(1, new IllegalStateException("boom"));
            IOException failure = assertInstanceOf(IOException.class, seen());
            assertEquals("java.lang.IllegalStateException: boom", failure.getMessage());
            assertInstanceOf(HandlerException.class, failure.getCause());
        }
    }

    /** Writes much while another thread interrupts it, or answers at once. */
    public static final class WritesInterrupted implements RequestHandler<StreamRequest> {
        private static final int CHUNKS = 200;
        private static final byte[] CHUNK = new byte[60_000];
        private static volatile Thread last;

        @Override
        public void handle(StreamRequest request) throws IOException {
            last = Thread.currentThread();
            if (go.getCount() == 0) {
                request.output().write(1);
                return;
            }
            Thread handler = Thread.currentThread();
            Thread interrupter = new Thread(() -> {
                try {
                    go.await();
                    handler.interrupt();
                } catch (InterruptedException over) {
                    seen.complete(over);
                }
            });
            interrupter.start();
            for (int i = 0; i < CHUNKS; i++) {
                request.output().write(CHUNK);
            }
            seen.complete(Thread.currentThread().isInterrupted());
        }
    }

    @Test
    void anInterruptDuringAWriteIsDeferredAndDoesNotEndTheWorker() throws Exception {
        try (FakeParent parent = FakeParent.of(WritesInterrupted.class)) {
            parent.relay(1);
            // The first chunk has arrived. The others fill the buffers until the handler blocks in a write.
            parent.await(FrameType.WRITE);
            TimeUnit.MILLISECONDS.sleep(300);
            go.countDown();
            TimeUnit.MILLISECONDS.sleep(100);
            assertEquals(RequestOutcome.DONE, parent.awaitDone(1).outcome());
            assertEquals(true, seen());
            parent.relay(2);
            parent.await(FrameType.WRITE);
            assertEquals(RequestOutcome.DONE, parent.awaitDone(2).outcome());
        }
    }

    @Test
    void anInterruptBetweenTwoRequestsIsIgnored() throws Exception {
        go.countDown();
        try (FakeParent parent = FakeParent.of(WritesInterrupted.class)) {
            for (int i = 1; i < 20; i++) {
                parent.relay(i);
                assertEquals(RequestOutcome.DONE, parent.awaitDone(i).outcome());
                WritesInterrupted.last.interrupt();
            }
        }
    }

    /** Replies after its request has ended. */
    public static final class RepliesLate implements RequestHandler<DatagramRequest> {
        @Override
        public void handle(DatagramRequest request) {
            if (request.data()[0] == 'n') {
                return;
            }
            Thread late = new Thread(() -> {
                try {
                    go.await();
                    request.reply(request.data());
                    seen.complete("sent");
                } catch (IOException | InterruptedException over) {
                    seen.complete(over);
                }
            });
            late.setDaemon(true);
            late.start();
        }
    }

    @Test
    void aReplyAfterTheEndOfItsRequestFails() throws Exception {
        try (FakeParent parent = FakeParent.of(RepliesLate.class)) {
            parent.packet(1, "late");
            parent.awaitDone(1);
            go.countDown();
            assertInstanceOf(IOException.class, seen());
            parent.packet(2, "next");
            assertEquals(RequestOutcome.DONE, parent.awaitDone(2).outcome());
        }
    }

    // Relayed connections

    /** Echoes one read and ends its output. */
    public static final class EchoOnce implements RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) throws Exception {
            byte[] bytes = new byte[100];
            int count = request.input().read(bytes);
            request.noDelay(true);
            request.output().write(bytes, 0, Math.max(0, count));
            request.shutdownOutput();
        }
    }

    @Test
    void aRelayedConnectionRequestsInputAndSendsOutput() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.relay(1);
            Frame read = parent.await(FrameType.READ);
            assertEquals(1, read.number());
            assertEquals(100, read.open().readInt());
            // Input of an earlier request is dropped.
            parent.command(FrameType.DATA, 99, "stale");
            parent.command(FrameType.DATA, 1, "hello");
            assertTrue(parent.await(FrameType.NO_DELAY).payload()[0] != 0);
            assertEquals("hello", parent.await(FrameType.WRITE).text());
            assertEquals(1, parent.await(FrameType.END_OUTPUT).number());
            Done done = parent.awaitDone(1);
            assertEquals(RequestOutcome.DONE, done.outcome());
            assertEquals(5, done.bytesIn());
            assertEquals(5, done.bytesOut());
            assertNull(done.failure());
        }
    }

    @Test
    void theEndOfInputReachesTheHandler() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.relay(1);
            parent.await(FrameType.READ);
            parent.command(FrameType.DATA, 1, "");
            assertEquals(0, parent.awaitDone(1).bytesIn());
        }
    }

    @Test
    void theReasonOfAFailedReadReachesTheHandler() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.relay(1);
            parent.await(FrameType.READ);
            parent.command(FrameType.READ_FAILED, 1, "Connection reset by p\u00e9er");
            Done done = parent.awaitDone(1);
            assertEquals(RequestOutcome.DISCONNECTED, done.outcome());
            assertTrue(done.thrown());
            assertEquals(
                    "127.0.0.1:50000 disconnected: Connection reset by p\u00e9er",
                    assertInstanceOf(DisconnectedException.class, done.failure())
                            .getMessage());
        }
    }

    @Test
    void moreBytesThanRequestedAreRejected() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.relay(1);
            parent.await(FrameType.READ);
            parent.command(FrameType.DATA, 1, "x".repeat(101));
            Throwable failure = Objects.requireNonNull(parent.awaitDone(1).failure());
            assertTrue(failure.getMessage().contains("101 bytes for a read of 100"), failure.getMessage());
        }
    }

    /** Starts a thread that still reads when the request ends. */
    public static final class LeavesAReader implements RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) throws Exception {
            if (!seen.isDone() && go.getCount() > 0) {
                Thread reader = new Thread(() -> read(request));
                reader.setDaemon(true);
                reader.start();
                go.await();
            }
        }

        private static void read(StreamRequest request) {
            try {
                seen.complete(request.input().read());
            } catch (IOException over) {
                seen.complete(over);
            }
        }
    }

    @Test
    void theEndOfARequestEndsReadsOfOtherThreads() throws Exception {
        try (FakeParent parent = FakeParent.of(LeavesAReader.class)) {
            parent.relay(1);
            parent.await(FrameType.READ);
            go.countDown();
            parent.awaitDone(1);
            assertInstanceOf(IOException.class, seen());
            parent.command(FrameType.DATA, 1, "an answer too late");
            parent.relay(2);
            assertEquals(RequestOutcome.DONE, parent.awaitDone(2).outcome());
        }
    }

    /** Writes until a write fails. */
    public static final class Floods implements RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) throws Exception {
            while (true) {
                request.output().write(new byte[200_000]);
            }
        }
    }

    @Test
    void aLostClientEndsTheWrites() throws Exception {
        try (FakeParent parent = FakeParent.of(Floods.class)) {
            parent.relay(1);
            assertEquals(64 * 1024, parent.await(FrameType.WRITE).payload().length);
            parent.command(FrameType.LOST, 7, "somebody else's");
            parent.command(FrameType.LOST, 1, "Broken pipe");
            Done done = parent.awaitDone(1);
            assertEquals(RequestOutcome.DISCONNECTED, done.outcome());
            assertEquals(
                    "127.0.0.1:50000 disconnected: Broken pipe",
                    Objects.requireNonNull(done.failure()).getMessage());
        }
    }

    // Messages about a request

    /** Throws an exception. */
    public static final class Fails implements RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) {
            throw new IllegalStateException("boom");
        }
    }

    @Test
    void anExceptionOfAHandlerIsSentWithItsStack() throws Exception {
        try (FakeParent parent = FakeParent.of(Fails.class)) {
            for (long number = 1; number <= 2; number++) {
                parent.relay(number);
                Done done = parent.awaitDone(number);
                assertEquals(RequestOutcome.FAILED, done.outcome());
                assertTrue(done.thrown());
                HandlerException failure = assertInstanceOf(HandlerException.class, done.failure());
                assertEquals("java.lang.IllegalStateException: boom", failure.getMessage());
                assertEquals(Fails.class.getName(), failure.getStackTrace()[0].getClassName());
            }
        }
    }

    @Test
    void aMissingDescriptorFailsOnlyItsRequest() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.assign(1, Kind.DESCRIPTOR, "");
            Done done = parent.awaitDone(1);
            assertEquals(RequestOutcome.FAILED, done.outcome());
            assertTrue(Objects.requireNonNull(done.failure()).getMessage().contains("no connection came"));
            parent.relay(2);
            parent.await(FrameType.READ);
        }
    }

    @Test
    void heartbeatsHaveTheHandlersStackAndWhetherItWaits() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.relay(3);
            Frame message = parent.await(FrameType.HEARTBEAT);
            while (!Heartbeat.read(message.open()).waiting()) {
                message = parent.await(FrameType.HEARTBEAT);
            }
            assertEquals(3, message.number());
            Heartbeat beat = Heartbeat.read(message.open());
            assertTrue(
                    beat.stack().stream().anyMatch(frame -> frame.getClassName().equals(EchoOnce.class.getName())),
                    () -> "a stack without the handler");
            parent.command(FrameType.DATA, 3, "x");
            parent.awaitDone(3);
        }
    }

    @Test
    void theStacksOfAllThreadsAreSentWhileTheHandlerRuns() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.relay(1);
            parent.await(FrameType.READ);
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> sendStacks(parent));
            String stacks = parent.await(FrameType.STACKS).text();
            sent.get();
            assertTrue(stacks.contains(EchoOnce.class.getName() + ".handle"), stacks);
            assertTrue(stacks.contains("\"socketserver worker heartbeats\""), stacks);
        }
    }

    private static void sendStacks(FakeParent parent) {
        try {
            parent.command(FrameType.DUMP, 1, "");
        } catch (IOException lost) {
            throw new AssertionError(lost);
        }
    }

    @Test
    void stacksOfAnySizeFitIntoOneMessage() throws Exception {
        CountDownLatch deep = new CountDownLatch(40);
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Thread thread = new Thread(null, () -> descend(1_000, deep, end), "deep", 16 << 20);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        deep.await();
        String stacks = Stacks.ofAllThreads();
        end.countDown();
        for (Thread thread : threads) {
            // Other tests read the stacks of all threads, too.
            thread.join();
        }
        assertTrue(stacks.endsWith("... (cut)\n"), () -> stacks.length() + " characters");
        assertTrue(stacks.length() < 2_000_000, () -> stacks.length() + " characters");
    }

    private static void descend(int left, CountDownLatch deep, CountDownLatch end) {
        if (left > 0) {
            descend(left - 1, deep, end);
            return;
        }
        deep.countDown();
        try {
            end.await();
        } catch (InterruptedException ended) {
            // Returns.
        }
    }

    @Test
    void aDrainEndsTheInputOfAHandlerThatWaits() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.relay(1);
            parent.await(FrameType.READ);
            parent.command(FrameType.DRAIN, 1, "");
            // The parent need not answer the read, and what it reads later is dropped.
            assertEquals(RequestOutcome.DONE, parent.awaitDone(1).outcome());
        }
    }

    // The server as the handler sees it

    /** Publishes its server, and shuts it down if the packet begins with 's'. */
    public static final class TellsServer implements RequestHandler<DatagramRequest> {
        @Override
        public void handle(DatagramRequest request) {
            seen.complete(request.server());
            if (request.data()[0] == 's') {
                request.server().shutdown();
            }
        }
    }

    @Test
    void theHandlersServerRepresentsTheParent() throws Exception {
        try (FakeParent parent = FakeParent.of(TellsServer.class)) {
            parent.packet(1, "x");
            Server server = (Server) seen();
            parent.awaitDone(1);
            assertEquals("parent", server.name());
            assertEquals("tcp", server.transport());
            assertEquals(FakeParent.LOCAL, server.address());
            assertEquals(7, server.options().maxDatagramSize());
            assertEquals(1, server.stats().accepted(), server.stats().toString());
            assertEquals(List.of(), server.stuckRequests(Duration.ofSeconds(1)));
            assertFalse(server.isStopping());
            SocketAddress bound = new java.net.InetSocketAddress("127.0.0.1", 4711);
            parent.identity = new Identity("bound", bound);
            parent.packet(2, "x");
            parent.awaitDone(2);
            assertEquals(bound, server.address());
            assertEquals("bound", parent.worker.name());
        }
    }

    @Test
    void aHandlerThatStopsItsServerStopsTheParent() throws Exception {
        try (FakeParent parent = FakeParent.of(TellsServer.class)) {
            parent.packet(1, "stop");
            parent.await(FrameType.SHUTDOWN);
            parent.awaitDone(1);
            assertTrue(((Server) seen()).isStopping());
            parent.packet(2, "x");
            parent.awaitDone(2);
        }
    }

    @Test
    void aRequestThatCantBeReadEndsTheWorker() throws Exception {
        try (FakeParent parent = FakeParent.of(EchoOnce.class)) {
            parent.control.send(FrameType.REQUEST, 1, output -> output.writeByte(1));
            assertInstanceOf(IOException.class, parent.end.get(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void anIdleWorkerSendsHeartbeatsAndEndsWithItsParent() throws Exception {
        FakeParent parent = FakeParent.of(EchoOnce.class);
        Frame beat = parent.await(FrameType.HEARTBEAT);
        assertEquals(0, beat.number());
        assertEquals(Heartbeat.NONE, Heartbeat.read(beat.open()));
        // A late answer is ignored.
        parent.command(FrameType.DATA, 1, "late");
        parent.await(FrameType.HEARTBEAT);
        parent.control.close();
        assertInstanceOf(EOFException.class, parent.end.get(30, TimeUnit.SECONDS));
        parent.close();
    }

    @Test
    void anInvalidHandlerClassIsRejected() throws Exception {
        ControlChannel nowhere = new ControlChannel(InputStream.nullInputStream(), OutputStream.nullOutputStream());
        Start unknown = FakeParent.start("no.such.Handler", "tcp", ServerOptions.DEFAULTS);
        assertEquals(
                "no.such.Handler",
                assertThrows(ClassNotFoundException.class, () -> WorkerServer.of(unknown, nowhere))
                        .getMessage());
        Start text = FakeParent.start("java.lang.String", "tcp", ServerOptions.DEFAULTS);
        assertThrows(ClassCastException.class, () -> WorkerServer.of(text, nowhere));
    }
}
