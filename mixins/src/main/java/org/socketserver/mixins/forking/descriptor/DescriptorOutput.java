package org.socketserver.mixins.forking.descriptor;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import org.newsclub.net.unix.AFUNIXSocket;

/**
 * The parent's end of a Unix-domain connection to a worker, which sends file descriptors with the bytes
 * (SCM_RIGHTS, unix(7)). Used only where {@link DescriptorPassing#obstacle()} is empty.
 *
 * <p>Writes go through junixsocket, on a copy of the channel's descriptor: junixsocket releases its descriptor when the
 * other end has closed. Writes block their thread, which should be a platform thread. They are not ended by an
 * interrupt, but by the exit of the worker. {@link #close()} waits for a write.
 */
public final class DescriptorOutput extends FilterOutputStream {
    /** Thrown if a connection's descriptor is not available. Nothing was written; the connection can be relayed. */
    public static final class NoDescriptorException extends IOException {
        private static final long serialVersionUID = 1L;

        private NoDescriptorException(Exception cause) {
            super("the descriptor of a connection is not available: " + cause.getMessage(), cause);
        }
    }

    private final SocketChannel channel;
    private final DescriptorCopy copy;
    private final AFUNIXSocket socket;

    private DescriptorOutput(SocketChannel channel, DescriptorCopy copy, AFUNIXSocket socket) throws IOException {
        super(socket.getOutputStream());
        this.channel = channel;
        this.copy = copy;
        this.socket = socket;
    }

    /** Takes over a connected channel of the JDK, unless this fails. */
    public static DescriptorOutput over(SocketChannel channel) throws IOException {
        DescriptorCopy copy = DescriptorCopy.of(channel);
        try {
            return new DescriptorOutput(channel, copy, copy.cast().as(AFUNIXSocket.class));
        } catch (IOException | RuntimeException failure) {
            copy.close();
            throw failure;
        }
    }

    @Override
    public synchronized void write(byte[] source, int offset, int length) throws IOException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        out.write(source, offset, length);
    }

    /**
     * Writes all bytes, and sends a connection with the first of them. The connection stays open here.
     *
     * @param connection a connected channel in blocking mode, which no other thread uses or closes meanwhile; the
     *     caller closes it afterwards, still in blocking mode, because otherwise the JDK shuts the connection down
     * @throws NoDescriptorException if its descriptor is not available; nothing was written
     */
    public synchronized void writeWith(byte[] source, SocketChannel connection) throws IOException {
        try (DescriptorCopy sent = copyOf(connection)) {
            socket.setOutboundFileDescriptors(sent.descriptor());
            write(source);
        }
    }

    private static DescriptorCopy copyOf(SocketChannel connection) throws NoDescriptorException {
        try {
            return DescriptorCopy.of(connection);
        } catch (IOException | RuntimeException reason) {
            throw new NoDescriptorException(reason);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        try (channel) {
            copy.close();
        }
    }
}
