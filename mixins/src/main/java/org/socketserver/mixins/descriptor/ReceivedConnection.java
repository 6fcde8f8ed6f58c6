package org.socketserver.mixins.descriptor;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.FileDescriptorCast;
import org.socketserver.api.CountedConnection;

/**
 * A connection that another process has accepted, over the descriptor that came from there.
 *
 * <p>Bytes are read and written as those of a file, which on a socket is all the same (read(2), write(2)). A channel of
 * junixsocket is made only for what files can't do: to end one side, to wake who waits, to wait no more. Making one costs as
 * much as a short request does otherwise.
 *
 * <p>To be read and written on platform threads only: on a virtual one junixsocket spins while it waits. {@link #noDelay} does
 * nothing, since junixsocket knows no {@code TCP_NODELAY}; it stays as the process that accepted the connection has set it.
 */
final class ReceivedConnection extends CountedConnection {
    /** Would close the descriptor if it were collected before. */
    @SuppressWarnings("unused")
    private final DescriptorLink link;

    private final FileDescriptor descriptor;
    private final FileInputStream input;
    private final FileOutputStream output;
    private final Interruptible interruptible = new Interruptible();
    /** Guarded by this. */
    private @Nullable SocketChannel channel;

    private volatile boolean waitsNot;

    ReceivedConnection(
            DescriptorLink link, FileDescriptor descriptor, SocketAddress localAddress, SocketAddress remoteAddress) {
        super(localAddress, remoteAddress);
        this.link = link;
        this.descriptor = descriptor;
        input = new FileInputStream(descriptor);
        output = new FileOutputStream(descriptor);
    }

    @Override
    protected synchronized SocketChannel socketChannel() throws IOException {
        SocketChannel made = channel;
        if (made == null) {
            FileDescriptorCast cast = FileDescriptorCast.using(descriptor);
            if (!cast.isAvailable(SocketChannel.class)) {
                throw new IOException("what came is no stream socket");
            }
            made = cast.as(SocketChannel.class);
            channel = made;
        }
        return made;
    }

    @Override
    protected int transferInside(ByteBuffer bytes, boolean isOutput) throws IOException {
        if (waitsNot || !bytes.hasArray()) {
            return super.transferInside(bytes, isOutput);
        }
        return interruptible.transfer(bytes, isOutput);
    }

    private int transferFile(ByteBuffer bytes, boolean isOutput) throws IOException {
        int length = bytes.remaining();
        int offset = bytes.arrayOffset() + bytes.position();
        int count = length;
        try {
            if (isOutput) {
                output.write(bytes.array(), offset, length);
            } else {
                count = input.read(bytes.array(), offset, length);
            }
        } catch (IOException failure) {
            if (isOpen()) {
                throw failure;
            }
            throw (IOException) new AsynchronousCloseException().initCause(failure);
        }
        if (count > 0) {
            bytes.position(bytes.position() + count);
        }
        return count;
    }

    @Override
    public boolean nonBlocking() throws IOException {
        waitsNot = super.nonBlocking();
        return waitsNot;
    }

    @Override
    public boolean isAllRead() {
        try {
            enter();
            try {
                return input.available() == 0;
            } finally {
                leave();
            }
        } catch (IOException gone) {
            return false;
        }
    }

    @Override
    protected void release() throws IOException {
        SocketChannel made;
        synchronized (this) {
            made = channel;
        }
        // In this order: the channel shuts a descriptor down that is still there, and never releases it.
        try {
            input.close();
        } finally {
            if (made != null) {
                made.close();
            }
        }
    }

    /** Lets an interrupt close the connection, as it does with the channels of the JDK. */
    private final class Interruptible extends AbstractInterruptibleChannel {
        int transfer(ByteBuffer bytes, boolean isOutput) throws IOException {
            boolean completed = false;
            try {
                begin();
                int count = transferFile(bytes, isOutput);
                completed = count > 0;
                return count;
            } finally {
                end(completed);
            }
        }

        @Override
        protected void implCloseChannel() throws ClosedChannelException {
            try {
                ReceivedConnection.this.close();
            } catch (IOException closedAllTheSame) {
                // The descriptor is released even when close reports an error (close(2), Linux).
            }
        }
    }
}
