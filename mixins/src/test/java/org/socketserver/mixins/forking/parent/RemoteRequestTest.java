package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.HandlerException;
import org.socketserver.mixins.WorkerDiedException;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.FailureFormat;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Assignment;
import org.socketserver.mixins.forking.wire.Messages.Done;
import org.socketserver.mixins.forking.wire.Messages.Heartbeat;
import org.socketserver.mixins.forking.wire.Messages.Identity;
import org.socketserver.mixins.forking.wire.Messages.Kind;

/** A packet in a fake of a worker. */
class RemoteRequestTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 80);
    private static final InetSocketAddress REMOTE = new InetSocketAddress("127.0.0.1", 50_000);
    private static final Logger LOGGER = Logger.getLogger("org.socketserver");
    private static final long SECOND = 1_000_000_000;

    private final Queue<Frame> answers = new ConcurrentLinkedQueue<>();
    private final DatagramRequest request = mock(DatagramRequest.class);
    private final RequestTask task = mock(RequestTask.class);
    private final WorkerPool pool = mock(WorkerPool.class);
    private final MixIn.Host host = mock(MixIn.Host.class);
    private final WorkerDiedException death = new WorkerDiedException(4711, 137, "");
    private Sent sent;
    private RemoteRequest remote;

    @BeforeEach
    void begin() throws IOException {
        LOGGER.setLevel(Level.OFF);
        sent = new Sent();
        when(sent.worker.pool()).thenReturn(pool);
        when(pool.log()).thenReturn(EventLog.PROCESS);
        when(sent.worker.death()).thenReturn(death);
        when(sent.worker.toString()).thenReturn("worker 4711");
        when(sent.worker.malformed(any())).thenAnswer(call -> new Worker.LostException(call.getArgument(0)));
        when(sent.worker.receive()).thenAnswer(call -> {
            Frame next = answers.poll();
            if (next == null) {
                throw new Worker.LostException(new IOException("gone"));
            }
            return next;
        });
        when(pool.identity()).thenReturn(new Identity("udp 127.0.0.1:80", LOCAL));
        when(pool.host()).thenReturn(host);
        when(task.request()).thenAnswer(call -> request);
        when(task.connection()).thenReturn(Optional.empty());
        when(task.packet()).thenReturn(Optional.of(request));
        when(task.name()).thenReturn("udp 127.0.0.1:80 < 127.0.0.1:50000");
        when(request.serverAddress()).thenReturn(LOCAL);
        when(request.clientAddress()).thenReturn(REMOTE);
        when(request.data()).thenReturn(new byte[] {1, 2});
        when(request.maxReplySize()).thenReturn(100);
        remote = new RemoteRequest(sent.worker, task, 1);
    }

    @AfterEach
    void end() {
        LOGGER.setLevel(null);
    }

    private void answers(FrameType type, ControlChannel.Body body) throws IOException {
        answers(type, 1, body);
    }

    private void answers(FrameType type, long number, ControlChannel.Body body) throws IOException {
        answers.add(Sent.frame(type, number, body));
    }

    private void ends(boolean thrown, Throwable failure) throws IOException {
        answers(
                FrameType.DONE,
                new Done(
                        failure == null ? RequestOutcome.DONE : RequestOutcome.FAILED,
                        thrown,
                        11,
                        22,
                        failure,
                        new byte[0])::writeTo);
    }

    @Test
    void aPacketIsSentWithItsAddressesAndTheServer() throws Exception {
        assertTrue(remote.send());
        verify(task).delegateTo(remote);
        Frame message = sent.messages.take().expect(FrameType.REQUEST);
        assertEquals(1, message.number());
        Assignment assigned = Assignment.read(message.open());
        assertEquals(new Identity("udp 127.0.0.1:80", LOCAL), assigned.server());
        assertEquals(Kind.PACKET, assigned.kind());
        assertArrayEquals(new byte[] {1, 2}, assigned.data());
        assertEquals(List.of(LOCAL, REMOTE), List.of(assigned.local(), assigned.remote()));
        assertEquals(100, assigned.maxReplySize());
        assertTrue(remote.isSent());
        assertEquals(REMOTE, remote.peer());
        assertEquals("worker 4711", remote.thread());
    }

    @Test
    void anAnswerDuringTheSendIsProcessedAtOnce() throws Exception {
        CountDownLatch sending = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        doAnswer(call -> {
                    sending.countDown();
                    goOn.await();
                    return null;
                })
                .when(sent.worker)
                .send(eq(FrameType.REQUEST), eq(1L), any(), any());
        Thread sender = new Thread(remote::send);
        sender.start();
        try {
            sending.await();
            Frame done = Sent.frame(
                    FrameType.DONE, 1, new Done(RequestOutcome.DONE, false, 11, 22, null, new byte[0])::writeTo);
            assertTrue(remote.take(done));
            assertTrue(remote.isSent());
            assertNull(remote.handle());
            assertEquals(22, remote.bytesOut());
            assertFalse(remote.take(done), "once");
        } finally {
            goOn.countDown();
            sender.join();
        }
    }

    @Test
    void aRequestWhoseWorkerDiedBeforeTheSendIsNotSent() {
        assertTrue(remote.take(), "by the monitor, which then does not wait forever");
        assertTrue(remote.send());
        assertFalse(remote.isSent());
    }

    @Test
    void aRequestIsDoneEvenIfDetachFails() throws Exception {
        doThrow(new IOException("no luck")).when(task).detach();
        Frame done =
                Sent.frame(FrameType.DONE, 1, new Done(RequestOutcome.DONE, false, 11, 22, null, new byte[0])::writeTo);
        assertTrue(remote.take(done));
        assertNull(remote.handle());
    }

    @Test
    void aMessageForAnotherRequestDoesNotClaimAnUnsentRequest() throws Exception {
        Frame done =
                Sent.frame(FrameType.DONE, 99, new Done(RequestOutcome.DONE, false, 1, 1, null, new byte[0])::writeTo);
        remote.abort();
        assertFalse(remote.send());
        assertFalse(remote.take(done));
        assertTrue(remote.take());
    }

    @Test
    void messagesForOtherRequestsAreDropped() throws Exception {
        StreamRequest connection = mock(StreamRequest.class);
        when(connection.deadline(any())).thenReturn(Duration.ZERO);
        when(connection.attribute(any())).thenReturn(Optional.empty());
        when(connection.serverAddress()).thenReturn(LOCAL);
        when(connection.clientAddress()).thenReturn(REMOTE);
        when(task.request()).thenReturn(connection);
        when(task.connection()).thenReturn(Optional.of(connection));
        when(task.packet()).thenReturn(Optional.empty());
        when(host.options()).thenReturn(ServerOptions.DEFAULTS);
        when(pool.settings()).thenReturn(mock(PoolSettings.class));
        assertTrue(remote.send());
        assertEquals(
                Kind.RELAY,
                Assignment.read(sent.messages.take().expect(FrameType.REQUEST).open())
                        .kind());
        answers(FrameType.CLOSE, 6, ControlChannel.Body.NONE);
        ends(false, null);
        assertNull(remote.handle());
        verify(connection, never()).close();
        assertTrue(sent.messages.isEmpty() && sent.commands.isEmpty());
    }

    @Test
    void aCompletedRequestHasItsByteCounts() throws Exception {
        remote.send();
        answers(FrameType.HEARTBEAT, 0, Heartbeat.NONE::writeTo);
        answers(FrameType.DONE, 99, new Done(RequestOutcome.DONE, false, 1, 1, null, new byte[0])::writeTo);
        ends(false, null);
        assertNull(remote.handle());
        assertEquals(11, remote.bytesIn());
        assertEquals(22, remote.bytesOut());
        assertFalse(remote.isWaiting());
        verify(sent.worker, never()).kill(anyString());
    }

    @Test
    void anExceptionOfTheHandlerIsThrown() throws Exception {
        remote.send();
        ends(true, new IllegalStateException("boom"));
        assertEquals(
                "java.lang.IllegalStateException: boom",
                assertThrows(HandlerException.class, remote::handle).getMessage());
    }

    @Test
    void onlyACaughtDeadlineIsReturned() throws Exception {
        remote.send();
        ends(false, new DeadlineException(Deadline.READ, "late"));
        assertEquals("late", Objects.requireNonNull(remote.handle()).getMessage());
        RemoteRequest other = new RemoteRequest(sent.worker, task, 1);
        other.send();
        ends(false, new IllegalStateException("boom"));
        assertNull(other.handle());
    }

    @Test
    void heartbeatsOfThisRequestAreUsed() throws Exception {
        List<StackTraceElement> stack = List.of(new StackTraceElement("a.B", "run", "B.java", 7));
        remote.send();
        answers(FrameType.HEARTBEAT, new Heartbeat(true, 3, 4, stack)::writeTo);
        answers(FrameType.HEARTBEAT, 9, new Heartbeat(false, 9, 9, List.of())::writeTo);
        // Checked when the SHUTDOWN message arrives, before the end.
        doAnswer(call -> {
                    assertTrue(remote.isWaiting());
                    assertEquals(3, remote.bytesIn());
                    assertEquals(4, remote.bytesOut());
                    assertEquals(stack, remote.stack());
                    return null;
                })
                .when(request)
                .reply(ByteBuffer.wrap(new byte[] {8}));
        answers(FrameType.REPLY, output -> output.write(8));
        ends(false, null);
        remote.handle();
        verify(request).reply(ByteBuffer.wrap(new byte[] {8}));
    }

    @Test
    void aReplyIsSentByTheParentAndConfirmed() throws Exception {
        remote.send();
        sent.messages.clear();
        doThrow(new IOException("no route")).when(request).reply(ByteBuffer.wrap(new byte[] {9}));
        for (byte[] reply : List.of(new byte[] {8}, new byte[] {9})) {
            answers(FrameType.REPLY, output -> output.write(reply));
        }
        answers(FrameType.REPLY, 5, ControlChannel.Body.NONE);
        ends(false, null);
        remote.handle();
        verify(request).reply(ByteBuffer.wrap(new byte[] {8}));
        assertNull(replied());
        Exception failure = replied();
        assertTrue(Objects.requireNonNull(failure).getMessage().contains("no route"), failure::toString);
        assertTrue(sent.commands.isEmpty(), "a reply of another request is dropped");
    }

    /** Returns the failure that was reported to the worker; null if the packet was sent. */
    private Exception replied() throws Exception {
        Frame result = sent.commands.take().expect(FrameType.REPLIED);
        assertEquals(1, result.number());
        return FailureFormat.read(result.open());
    }

    @Test
    void aLostWorkerIsReportedAsItsDeath() throws Exception {
        remote.send();
        assertSame(death, assertThrows(WorkerDiedException.class, remote::handle));
    }

    @Test
    void anInvalidMessageEndsTheWorker() throws Exception {
        remote.send();
        answers(FrameType.HEARTBEAT, output -> output.writeByte(1));
        assertSame(death, assertThrows(WorkerDiedException.class, remote::handle));
        verify(sent.worker).malformed(any());
    }

    @Test
    void anAbortBeforeTheSendKillsNoWorker() throws Exception {
        doAnswer(call -> {
                    remote.abort();
                    return null;
                })
                .when(task)
                .delegateTo(remote);
        assertFalse(remote.send());
        assertTrue(sent.messages.isEmpty());
        assertInstanceOf(DisconnectedException.class, assertThrows(Exception.class, remote::handle));
        verify(sent.worker, never()).kill(anyString());
    }

    @Test
    void anExpiredRequestIsNotSent() throws Exception {
        remote.expire(new DeadlineException(Deadline.REQUEST, "late"));
        assertFalse(remote.send());
        assertTrue(sent.messages.isEmpty());
        assertThrows(DisconnectedException.class, remote::handle);
    }

    @Test
    void aRequestThatCannotBeEncodedFailsWithTheReason() throws Exception {
        when(request.clientAddress()).thenReturn(new java.net.SocketAddress() {});
        assertFalse(remote.send());
        IllegalArgumentException reason = assertThrows(IllegalArgumentException.class, remote::handle);
        assertTrue(reason.getMessage().contains("can't be carried to another process"), reason.getMessage());
    }

    @Test
    void anAbortKillsTheWorkerOnlyWhileTheRequestRuns() throws Exception {
        remote.send();
        remote.abort();
        verify(sent.worker).kill("the grace period was over");
        RemoteRequest over = new RemoteRequest(sent.worker, task, 1);
        over.send();
        ends(false, null);
        over.handle();
        over.abort();
        verify(sent.worker, times(1)).kill(anyString());
    }

    @Test
    void aDrainIsSentOnce() throws Exception {
        remote.send();
        remote.drain();
        remote.drain();
        Frame order = sent.commands.take();
        assertEquals(FrameType.DRAIN, order.type());
        assertEquals(1, order.number());
        assertTrue(sent.commands.isEmpty());
    }

    @Test
    void afterTheDeadlineStacksAreRequestedAndThenTheWorkerIsKilled() throws Exception {
        remote.send();
        remote.check(System.nanoTime() + 100 * SECOND);
        remote.expire(new DeadlineException(Deadline.REQUEST, "late"));
        long now = System.nanoTime();
        remote.check(now);
        assertTrue(sent.commands.isEmpty(), "it may still end by itself");
        remote.check(now + SECOND);
        assertEquals(FrameType.DUMP, sent.commands.take().type());
        remote.check(now + SECOND + SECOND / 2);
        verify(sent.worker, never()).kill(anyString());
        remote.check(now + 2 * SECOND);
        verify(sent.worker).kill(contains("did not send its stacks"));
    }

    @Test
    void theWorkerIsKilledWhenItsStacksHaveArrived() throws Exception {
        remote.send();
        answers(FrameType.STACKS, 9, ControlChannel.Body.text("of another"));
        answers(FrameType.STACKS, ControlChannel.Body.text("\"main\" RUNNABLE"));
        assertSame(death, assertThrows(WorkerDiedException.class, remote::handle));
        verify(sent.worker, times(1)).kill("its request took too long");
    }

    @Test
    void onlyOneThreadRunsTheTask() {
        assertTrue(remote.take());
        assertFalse(remote.take());
        assertSame(task, remote.task());
        assertSame(sent.worker, remote.worker());
    }

    @Test
    void aRequestWithoutAWorkerFailsWithTheReason() {
        RemoteRequest[] lost = new RemoteRequest[1];
        doAnswer(call -> lost[0] = call.getArgument(0)).when(task).delegateTo(any());
        RemoteRequest.fail(new Worker(pool, 0), task, "the server has closed");
        verify(task).run();
        assertEquals(
                "no worker for the request: the server has closed",
                assertThrows(WorkerStartException.class, lost[0]::handle).getMessage());
        lost[0].drain();
        lost[0].abort();
        lost[0].expire(new DeadlineException(Deadline.REQUEST, "late"));
        assertFalse(lost[0].isWaiting());
        assertEquals(0, lost[0].bytesIn() + lost[0].bytesOut());
        assertEquals("", lost[0].thread());
        assertEquals(List.of(), lost[0].stack());
    }
}
