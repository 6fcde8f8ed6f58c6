package org.socketserver.mixins.forking.worker;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import org.socketserver.api.spi.Connection;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Assignment;

/**
 * A connection that the parent reads and writes. A read sends a message and waits for the answer; a write only sends a
 * message. Once the handler has ended, the parent shuts the connection down and closes it, and nothing is sent.
 */
final class RelayedConnection implements Connection {
    /** Bytes of one message: longer messages would delay heartbeats. */
    private static final int CHUNK = 64 * 1024;

    private final Answers answers;
    private final Outbox outbox;
    private final long number;
    private final Assignment assigned;
    private volatile boolean inputOver;
    private volatile boolean closed;

    RelayedConnection(Answers answers, Outbox outbox, long number, Assignment assigned) {
        this.answers = answers;
        this.outbox = outbox;
        this.number = number;
        this.assigned = assigned;
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return assigned.attributes().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        requireOpen();
        if (inputOver) {
            return -1;
        }
        int most = target.remaining();
        outbox.send(FrameType.READ, number, output -> output.writeInt(most));
        Frame answer = answers.await(number);
        int count = answer.payload().length;
        if (answer.type() == FrameType.READ_FAILED) {
            throw new IOException(answer.text());
        }
        if (count > most) {
            throw new ProtocolException(count + " bytes for a read of " + most);
        }
        if (count == 0) {
            requireOpen();
            return -1;
        }
        target.put(answer.payload());
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        requireOpen();
        String loss = answers.loss();
        if (loss != null) {
            throw new IOException(loss);
        }
        byte[] bytes = new byte[Math.min(CHUNK, source.remaining())];
        source.get(bytes);
        outbox.send(FrameType.WRITE, number, output -> output.write(bytes));
        return bytes.length;
    }

    /** Ends the input here. A read that the parent has begun continues there, and its bytes are dropped. */
    @Override
    public void shutdownInput() {
        inputOver = true;
        answers.add(new Frame(FrameType.DATA, number, new byte[0]));
    }

    @Override
    public void shutdownOutput() throws IOException {
        sendIf(isOpen(), FrameType.END_OUTPUT, ControlChannel.Body.NONE);
    }

    @Override
    public void noDelay(boolean noDelay) throws IOException {
        sendIf(isOpen(), FrameType.NO_DELAY, output -> output.writeBoolean(noDelay));
    }

    @Override
    public void close() throws IOException {
        boolean wasOpen = isOpen();
        closed = true;
        sendIf(wasOpen, FrameType.CLOSE, ControlChannel.Body.NONE);
    }

    private void sendIf(boolean open, FrameType type, ControlChannel.Body body) throws IOException {
        if (open && answers.isCurrent(number)) {
            outbox.send(type, number, body);
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed || !answers.isCurrent(number)) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public SocketAddress localAddress() {
        return assigned.local();
    }

    @Override
    public SocketAddress remoteAddress() {
        return assigned.remote();
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }
}
