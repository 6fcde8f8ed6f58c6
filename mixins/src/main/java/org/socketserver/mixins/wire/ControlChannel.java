package org.socketserver.mixins.wire;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.Connection;

/**
 * Sends and receives messages over a link, which it owns.
 *
 * <p>Any thread may send; messages don't mix. One thread at a time receives.
 */
public final class ControlChannel implements Closeable {
    /** Version of the protocol; both sides must have the same. */
    public static final int VERSION = 1;

    /** Most bytes of one message: 16 MiB. */
    public static final int LONGEST = 16 * 1024 * 1024;

    private static final int HEADER = 5;
    private static final int BUFFER = 16 * 1024;

    private final Link link;
    private final ReentrantLock sending = new ReentrantLock();
    private final ByteBuffer received = ByteBuffer.allocate(BUFFER).limit(0);

    /** Writes what a message says. */
    public interface Body {
        /**
         * Writes it.
         *
         * @param output where to
         * @throws IOException if it can't be written as such
         */
        void writeTo(DataOutputStream output) throws IOException;
    }

    /**
     * Takes over a link.
     *
     * @param link the link
     */
    public ControlChannel(Link link) {
        this.link = link;
    }

    /**
     * Sends a message that says nothing but its type.
     *
     * @param type the type
     * @throws IOException if the other side is lost
     */
    public void send(FrameType type) throws IOException {
        send(type, output -> {});
    }

    /**
     * Sends a text.
     *
     * @param type the type
     * @param text the text
     * @throws IOException if the other side is lost
     */
    public void send(FrameType type, String text) throws IOException {
        send(type, output -> output.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Sends a message.
     *
     * @param type the type
     * @param body what it says
     * @throws ProtocolException if it is longer than {@link #LONGEST}; nothing is sent
     * @throws IOException if the other side is lost
     */
    public void send(FrameType type, Body body) throws IOException {
        ByteBuffer frame = frame(type, body);
        sending.lock();
        try {
            link.write(frame);
        } finally {
            sending.unlock();
        }
    }

    /**
     * Sends a message and a connection with it; the connection stays open here.
     *
     * @param type the type
     * @param body what it says
     * @param connection the connection
     * @throws IOException if the other side is lost, or the connection can't be sent
     */
    public void sendWith(FrameType type, Body body, SocketChannel connection) throws IOException {
        ByteBuffer frame = frame(type, body);
        sending.lock();
        try {
            link.writeWith(frame, connection);
        } finally {
            sending.unlock();
        }
    }

    private static ByteBuffer frame(FrameType type, Body body) throws IOException {
        var bytes = new Bytes();
        var output = new DataOutputStream(bytes);
        output.writeByte(type.ordinal());
        output.writeInt(0);
        body.writeTo(output);
        return bytes.frame();
    }

    /**
     * Waits for the next message.
     *
     * @return the message; null if the other side has closed the channel
     * @throws ProtocolException if what came is no message, or one that is too long
     * @throws IOException if the other side is lost
     */
    public @Nullable Frame receive() throws IOException {
        if (!fill(HEADER)) {
            return null;
        }
        FrameType type = FrameType.of(received.get() & 0xff);
        int length = received.getInt();
        if (length < 0 || length > LONGEST) {
            throw new ProtocolException("a message " + type + " of " + length + " bytes; the most is " + LONGEST);
        }
        byte[] payload = new byte[length];
        int there = Math.min(length, received.remaining());
        received.get(payload, 0, there);
        ByteBuffer rest = ByteBuffer.wrap(payload).position(there);
        while (rest.hasRemaining()) {
            if (link.read(rest) < 0) {
                throw new EOFException("the other side ended in the middle of a message " + type);
            }
        }
        return new Frame(type, payload);
    }

    /** Reads until so many bytes are there; false if the end comes before the first. */
    private boolean fill(int bytes) throws IOException {
        while (received.remaining() < bytes) {
            boolean begun = received.hasRemaining();
            received.compact();
            int count = link.read(received);
            received.flip();
            if (count < 0) {
                if (begun) {
                    throw new EOFException("the other side ended in the middle of a message");
                }
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the connection that came with a message.
     *
     * @param local its address on the server's side
     * @param remote that of its peer
     * @return the connection, owned by the caller
     * @throws IOException if none came
     */
    public Connection connection(SocketAddress local, SocketAddress remote) throws IOException {
        return link.received(local, remote);
    }

    /** Closes the link, which wakes whoever sends or receives. */
    @Override
    public void close() throws IOException {
        link.close();
    }

    /** The bytes of one message, whose length is known only at the end. */
    private static final class Bytes extends ByteArrayOutputStream {
        private static final int USUAL = 256;

        Bytes() {
            super(USUAL);
        }

        ByteBuffer frame() throws ProtocolException {
            if (count - HEADER > LONGEST) {
                throw new ProtocolException(
                        "a message of " + (count - HEADER) + " bytes can't be sent; the most is " + LONGEST);
            }
            return ByteBuffer.wrap(buf, 0, count).putInt(1, count - HEADER);
        }
    }
}
