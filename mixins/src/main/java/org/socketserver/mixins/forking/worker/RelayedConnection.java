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

    private final CurrentRequest current;
    private final Assignment assigned;
    private volatile boolean closed;

    RelayedConnection(CurrentRequest current, Assignment assigned) {
        this.current = current;
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
        int most = target.remaining();
        Frame answer = current.ask(FrameType.READ, output -> output.writeInt(most));
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
        String loss = current.loss();
        if (loss != null) {
            throw new IOException(loss);
        }
        byte[] bytes = new byte[Math.min(CHUNK, source.remaining())];
        source.get(bytes);
        current.send(FrameType.WRITE, output -> output.write(bytes));
        return bytes.length;
    }

    /** Ends the input here. A read that the parent has begun continues there, and its bytes are dropped. */
    @Override
    public void shutdownInput() {
        current.endInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        sendIfOpen(FrameType.END_OUTPUT, ControlChannel.Body.NONE);
    }

    @Override
    public void noDelay(boolean noDelay) throws IOException {
        sendIfOpen(FrameType.NO_DELAY, output -> output.writeBoolean(noDelay));
    }

    @Override
    public void close() throws IOException {
        sendIfOpen(FrameType.CLOSE, ControlChannel.Body.NONE);
        closed = true;
    }

    private void sendIfOpen(FrameType type, ControlChannel.Body body) throws IOException {
        if (!closed && !current.isOver()) {
            current.send(type, body);
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed || current.isOver()) {
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
