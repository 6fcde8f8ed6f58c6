package org.socketserver.mixins.forking.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.Connection;
import org.socketserver.mixins.forking.descriptor.DescriptorInput;
import org.socketserver.mixins.forking.descriptor.DescriptorOutput;

/**
 * Sends and receives messages over two streams, which it owns.
 *
 * <p>They usually belong to two sockets. On a single Unix-domain socket, Linux wakes a thread that waits to read each
 * time the other side reads, because the socket then has room to write again.
 *
 * <p>Any thread may send, and each message is sent as a whole. One thread at a time receives.
 */
public final class ControlChannel implements Closeable {
    /** Most bytes of one message: 16 MiB. */
    public static final int MAX_LENGTH = 16 * 1024 * 1024;

    private static final int HEADER = 13;
    private static final int BUFFER = 16 * 1024;

    private final InputStream in;
    private final DataInputStream input;
    private final ReentrantLock sending = new ReentrantLock();
    private volatile OutputStream out;

    /** Writes the contents of a message. */
    public interface Body {
        /** No contents. */
        Body NONE = output -> {};

        void writeTo(DataOutputStream output) throws IOException;

        /** Returns a body that consists of a text. */
        static Body text(String text) {
            return output -> output.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Takes over two streams. */
    public ControlChannel(InputStream in, OutputStream out) {
        this.in = in;
        input = new DataInputStream(new BufferedInputStream(in, BUFFER));
        this.out = out;
    }

    /** Takes over a socket. With JDK 17, a thread that receives prevents others from sending over the same socket. */
    public static ControlChannel over(SocketChannel socket) {
        return new ControlChannel(Channels.newInputStream(socket), Channels.newOutputStream(socket));
    }

    /** Sends over another stream from now on, which it owns as well. */
    public void sendOver(OutputStream other) {
        out = other;
    }

    /**
     * Sends a message.
     *
     * @param number the request that it is about; 0 for none
     * @throws ProtocolException if it is longer than {@link #MAX_LENGTH}; nothing is sent
     * @throws IOException if the other side is lost
     */
    public void send(FrameType type, long number, Body body) throws IOException {
        send(type, number, body, null);
    }

    /**
     * Sends a message, and a connection with it if there is one; the connection stays open here.
     *
     * @throws UnsupportedOperationException if the output is no {@link DescriptorOutput}
     * @throws DescriptorOutput.NoDescriptorException if the connection can't be sent; nothing is sent
     */
    public void send(FrameType type, long number, Body body, @Nullable SocketChannel connection) throws IOException {
        byte[] frame = frame(type, number, body);
        sending.lock();
        try {
            if (connection == null) {
                out.write(frame);
                out.flush();
            } else if (out instanceof DescriptorOutput output) {
                // The class is loaded only if descriptors are passed.
                output.writeWith(frame, connection);
            } else {
                throw new UnsupportedOperationException("this channel carries bytes only");
            }
        } finally {
            sending.unlock();
        }
    }

    private static byte[] frame(FrameType type, long number, Body body) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var output = new DataOutputStream(bytes);
        output.writeByte(type.ordinal());
        output.writeLong(number);
        output.writeInt(0);
        body.writeTo(output);
        int length = bytes.size() - HEADER;
        if (length > MAX_LENGTH) {
            throw new ProtocolException("a message of " + length + " bytes can't be sent; the most is " + MAX_LENGTH);
        }
        byte[] frame = bytes.toByteArray();
        ByteBuffer.wrap(frame).putInt(HEADER - Integer.BYTES, length);
        return frame;
    }

    /**
     * Waits for the next message.
     *
     * @return the message; null if the other side has closed the channel
     * @throws ProtocolException if the bytes are not a message, or the message is too long
     * @throws IOException if the other side is lost
     */
    public @Nullable Frame receive() throws IOException {
        int code = input.read();
        if (code < 0) {
            return null;
        }
        FrameType type = FrameType.of(code);
        long number = input.readLong();
        int length = input.readInt();
        if (length < 0 || length > MAX_LENGTH) {
            throw new ProtocolException("a message " + type + " of " + length + " bytes; the most is " + MAX_LENGTH);
        }
        byte[] payload = new byte[length];
        input.readFully(payload);
        return new Frame(type, number, payload);
    }

    /**
     * Returns the connection that came with a message, owned by the caller.
     *
     * @throws IOException if none came
     */
    public Connection connection(SocketAddress local, SocketAddress remote, List<Object> attributes)
            throws IOException {
        if (in instanceof DescriptorInput descriptors) {
            return descriptors.received(local, remote, attributes);
        }
        throw new IOException("no connection came over a channel that carries bytes only");
    }

    /** Closes both streams, which wakes a thread that receives. */
    @Override
    public void close() throws IOException {
        try (in) {
            out.close();
        }
    }
}
