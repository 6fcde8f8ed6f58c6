package org.socketserver.mixins.forking.worker;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.Connection;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Assignment;

/**
 * A connection that the parent reads and writes. A read sends a message and waits for the answer; a write only sends a
 * message.
 */
final class RelayedConnection implements Connection {
    /** Bytes of one message: longer messages would delay heartbeats. */
    private static final int CHUNK = 64 * 1024;

    private final Inbox inbox;
    private final Outbox outbox;
    private final long number;
    private final SocketAddress local;
    private final SocketAddress remote;
    private final List<Object> facts;
    private volatile boolean inputOver;
    private volatile boolean closed;
    private volatile boolean done;
    private volatile @Nullable String lost;

    RelayedConnection(Inbox inbox, Outbox outbox, Assignment assigned) {
        this.inbox = inbox;
        this.outbox = outbox;
        number = assigned.number();
        local = assigned.local();
        remote = assigned.remote();
        facts = assigned.facts();
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return facts.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    /** Returns the number of the request. */
    long number() {
        return number;
    }

    /** Called when the handler has ended: the parent shuts the connection down and closes it. */
    void done() {
        done = true;
    }

    /** Called when the client has disconnected. */
    void lost(String why) {
        lost = why;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        requireOpen();
        if (inputOver) {
            return -1;
        }
        int most = target.remaining();
        outbox.send(FrameType.READ, number, output -> output.writeInt(most));
        Frame answer = inbox.answer(number);
        byte[] bytes = answer.payload();
        int count = bytes.length - Long.BYTES;
        if (answer.type() == FrameType.READ_FAILED) {
            throw new IOException(new String(bytes, Long.BYTES, count, StandardCharsets.UTF_8));
        }
        if (count > most) {
            throw new ProtocolException(count + " bytes for a read of " + most);
        }
        if (count == 0) {
            requireOpen();
            return -1;
        }
        target.put(bytes, Long.BYTES, count);
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        requireOpen();
        String why = lost;
        if (why != null) {
            throw new IOException(why);
        }
        byte[] bytes = new byte[Math.min(CHUNK, source.remaining())];
        source.get(bytes);
        outbox.send(FrameType.WRITE, number, output -> output.write(bytes));
        return bytes.length;
    }

    @Override
    public void shutdownInput() throws IOException {
        inputOver = true;
        send(FrameType.READ_OFF, output -> {});
    }

    @Override
    public void shutdownOutput() throws IOException {
        send(FrameType.END_OUTPUT, output -> {});
    }

    @Override
    public void noDelay(boolean noDelay) throws IOException {
        send(FrameType.NO_DELAY, output -> output.writeBoolean(noDelay));
    }

    private void send(FrameType type, ControlChannel.Body body) throws IOException {
        if (!done && !closed) {
            outbox.send(type, number, body);
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed || done) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() throws IOException {
        boolean wasOpen = !done && !closed;
        closed = true;
        if (wasOpen) {
            outbox.send(FrameType.CLOSE, number, output -> {});
        }
    }
}
