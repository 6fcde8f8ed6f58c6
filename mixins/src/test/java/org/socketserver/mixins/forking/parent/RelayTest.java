package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;

class RelayTest {
    private final StreamRequest request = mock(StreamRequest.class);
    private Sent sent;
    private final ExecutorService readers = Executors.newCachedThreadPool();
    private Relay relay;

    @BeforeEach
    void begin() throws IOException {
        sent = new Sent();
        relay = new Relay(sent.worker, request, 7, readers);
    }

    @AfterEach
    void end() {
        readers.shutdown();
    }

    private void receive(FrameType type, ControlChannel.Body body) throws IOException {
        relay.receive(Sent.frame(type, 7, body));
    }

    private void receive(FrameType type) throws IOException {
        receive(type, output -> {});
    }

    private void read(int bytes) throws IOException {
        receive(FrameType.READ, output -> output.writeInt(bytes));
    }

    private void reads(InputStream input) {
        when(request.input()).thenReturn(input);
    }

    @Test
    void aReadIsAnsweredWithAtMostTheRequestedBytesAndThenWithTheEnd() throws Exception {
        reads(new ByteArrayInputStream("hello".getBytes(StandardCharsets.US_ASCII)));
        read(4);
        Frame first = sent.commands.take();
        assertEquals(FrameType.DATA, first.type());
        assertEquals(7, first.number());
        assertEquals("hell", first.text());
        read(Integer.MAX_VALUE);
        assertEquals("o", sent.commands.take().text());
        read(1);
        Frame end = sent.commands.take();
        assertEquals(FrameType.DATA, end.type());
        assertEquals("", end.text());
    }

    @Test
    void aFailedReadIsAnsweredWithItsMessage() throws Exception {
        InputStream broken = mock(InputStream.class);
        when(broken.read(any(), anyInt(), anyInt()))
                .thenThrow(new IOException("Connection reset"))
                .thenThrow(new IllegalStateException("of a user's connection"));
        reads(broken);
        read(4);
        Frame failed = sent.commands.take();
        assertEquals(FrameType.READ_FAILED, failed.type());
        assertEquals("Connection reset", failed.text());
        read(4);
        assertEquals("of a user's connection", sent.commands.take().text());
    }

    @Test
    void aReadIsNotAnsweredAfterTheEnd() throws Exception {
        PipedOutputStream client = new PipedOutputStream();
        CountDownLatch reading = new CountDownLatch(1);
        reads(new PipedInputStream(client) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) throws IOException {
                reading.countDown();
                return super.read(target, offset, length);
            }
        });
        read(4);
        reading.await();
        relay.end();
        client.write("lost".getBytes(StandardCharsets.US_ASCII));
        client.close();
        readers.shutdown();
        assertTrue(readers.awaitTermination(30, TimeUnit.SECONDS));
        assertTrue(sent.commands.isEmpty());
    }

    @Test
    void aReadBeforeTheLastOneIsAnsweredIsRejected() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        reads(new InputStream() {
            @Override
            public int read() throws IOException {
                try {
                    goOn.await();
                } catch (InterruptedException never) {
                    throw new IOException(never);
                }
                return 'x';
            }
        });
        read(1);
        assertEquals(
                "a read before the last one was answered",
                assertThrows(ProtocolException.class, () -> read(1)).getMessage());
        goOn.countDown();
        assertEquals("x", sent.commands.take().text());
        read(1);
        assertEquals("x", sent.commands.take().text());
    }

    @Test
    void anErrorInAReadIsAnswered() throws Exception {
        reads(new InputStream() {
            @Override
            public int read() {
                throw new OutOfMemoryError("direct memory");
            }
        });
        read(1);
        Frame failed = sent.commands.take();
        assertEquals(FrameType.READ_FAILED, failed.type());
        assertEquals("direct memory", failed.text());
    }

    @Test
    void aReadFailsIfNoThreadIsAvailable() throws Exception {
        relay = new Relay(sent.worker, request, 7, work -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        read(4);
        Frame failed = sent.commands.take();
        assertEquals(FrameType.READ_FAILED, failed.type());
        assertEquals("no thread to read the connection: unable to create native thread", failed.text());
    }

    @Test
    void outputOfTheHandlerIsSentToTheClient() throws Exception {
        ByteArrayOutputStream client = new ByteArrayOutputStream();
        when(request.output()).thenReturn(client);
        receive(FrameType.WRITE, output -> output.writeBytes("hello"));
        receive(FrameType.WRITE, output -> output.writeBytes(" you"));
        assertEquals("hello you", client.toString(StandardCharsets.US_ASCII));
        receive(FrameType.NO_DELAY, output -> output.writeBoolean(true));
        verify(request).noDelay(true);
        receive(FrameType.END_OUTPUT);
        verify(request).shutdownOutput();
        receive(FrameType.CLOSE);
        verify(request).close();
        relay.end();
    }

    @Test
    void aWriteInProgressIsVisible() throws Exception {
        AtomicReference<Boolean> seen = new AtomicReference<>();
        when(request.output()).thenReturn(new OutputStream() {
            @Override
            public void write(int oneByte) {
                seen.set(relay.isWriting());
            }
        });
        assertFalse(relay.isWriting());
        receive(FrameType.WRITE, output -> output.writeByte(1));
        assertTrue(seen.get());
        assertFalse(relay.isWriting());
    }

    @Test
    void aLostClientIsReportedOnceAndEndsTheRequest() throws Exception {
        DisconnectedException gone = new DisconnectedException("127.0.0.1:1 disconnected: Broken pipe", null);
        OutputStream output = mock(OutputStream.class);
        doThrow(gone).when(output).write(any(byte[].class));
        when(request.output()).thenReturn(output);
        receive(FrameType.WRITE, body -> body.writeByte(1));
        receive(FrameType.WRITE, body -> body.writeByte(2));
        Frame lost = sent.commands.take();
        assertEquals(FrameType.LOST, lost.type());
        assertEquals(7, lost.number());
        assertEquals(gone.getMessage(), lost.text());
        assertTrue(sent.commands.isEmpty(), "once");
        assertSame(gone, assertThrows(IOException.class, relay::end));
    }

    @Test
    void aFailedShutdownOutputOrNoDelayIsALostClient() throws Exception {
        doThrow(new IOException("Socket is not connected")).when(request).shutdownOutput();
        receive(FrameType.END_OUTPUT);
        assertEquals(FrameType.LOST, sent.commands.take().type());
        Relay other = new Relay(sent.worker, request, 7, readers);
        doThrow(new IOException("Bad file descriptor")).when(request).noDelay(true);
        other.receive(Sent.frame(FrameType.NO_DELAY, 7, output -> output.writeBoolean(true)));
        assertEquals(
                "Bad file descriptor",
                assertThrows(IOException.class, other::end).getMessage());
    }
}
