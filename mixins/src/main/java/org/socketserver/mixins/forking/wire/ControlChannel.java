package org.socketserver.mixins.forking.wire;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.Connection;
import org.socketserver.mixins.forking.descriptor.DescriptorInput;
import org.socketserver.mixins.forking.descriptor.DescriptorOutput;

/**
 * Sends and receives messages over two blocking channels, which it owns; they may be the same.
 *
 * <p>Usually they are two sockets. On a single Unix-domain socket, Linux wakes a thread that waits to read each time
 * the other side reads, because the socket then has room to write again.
 *
 * <p>Any thread may send, and each message is sent as a whole. One thread at a time receives.
 */
public final class ControlChannel implements Closeable {
    /** Most bytes of one message: 16 MiB. */
    public static final int LONGEST = 16 * 1024 * 1024;

    private static final int HEADER = 5;
    private static final int BUFFER = 16 * 1024;

    private final ReadableByteChannel in;
    private final ReentrantLock sending = new ReentrantLock();
    private final ByteBuffer received = ByteBuffer.allocate(BUFFER).limit(0);
    private volatile WritableByteChannel out;

    /** Writes the contents of a message. */
    public interface Body {
        void writeTo(DataOutputStream output) throws IOException;
    }

    /** Takes over two channels. */
    public ControlChannel(ReadableByteChannel in, WritableByteChannel out) {
        this.in = in;
        this.out = out;
    }

    /** Sends over another channel from now on, which it owns as well. */
    public void sendOver(WritableByteChannel other) {
        out = other;
    }

    /** Sends a message that has a type and nothing else. */
    public void send(FrameType type) throws IOException {
        send(type, output -> {});
    }

    /** Sends a text. */
    public void send(FrameType type, String text) throws IOException {
        send(type, output -> output.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Sends a message.
     *
     * @throws ProtocolException if it is longer than {@link #LONGEST}; nothing is sent
     * @throws IOException if the other side is lost
     */
    public void send(FrameType type, Body body) throws IOException {
        send(type, body, null);
    }

    /**
     * Sends a message, and a connection with it if there is one; the connection stays open here.
     *
     * @throws UnsupportedOperationException if the output is no {@link DescriptorOutput}
     * @throws DescriptorOutput.NoDescriptorException if the connection can't be sent; nothing is sent
     */
    public void send(FrameType type, Body body, @Nullable SocketChannel connection) throws IOException {
        ByteBuffer frame = frame(type, body);
        sending.lock();
        try {
            if (connection != null) {
                // The class is loaded only if descriptors are passed.
                if (!(out instanceof DescriptorOutput output)) {
                    throw new UnsupportedOperationException("this channel carries bytes only");
                }
                output.writeWith(frame, connection);
            }
            while (frame.hasRemaining()) {
                out.write(frame);
            }
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
     * @throws ProtocolException if the bytes are not a message, or the message is too long
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
            if (in.read(rest) < 0) {
                throw new EOFException("the other side ended in the middle of a message " + type);
            }
        }
        return new Frame(type, payload);
    }

    /** Reads until at least that many bytes are there; false if the end comes before the first. */
    private boolean fill(int bytes) throws IOException {
        while (received.remaining() < bytes) {
            boolean begun = received.hasRemaining();
            received.compact();
            int count = in.read(received);
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
     * Returns the connection that came with a message, owned by the caller.
     *
     * @throws IOException if none came
     */
    public Connection connection(SocketAddress local, SocketAddress remote, List<Object> facts) throws IOException {
        if (in instanceof DescriptorInput input) {
            return input.received(local, remote, facts);
        }
        throw new IOException("no connection came over a channel that carries bytes only");
    }

    /** Closes both channels, which wakes a thread that receives. */
    @Override
    public void close() throws IOException {
        try (in) {
            out.close();
        }
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
