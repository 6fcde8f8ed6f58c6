package org.socketserver.api.spi;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection over a file descriptor that is not a channel of the JDK, because a native library or another process has
 * accepted it.
 *
 * <p>Bytes are read and written like those of a file, which is the same on a socket (read(2), write(2)). For everything
 * else, subclasses call their library.
 *
 * <p><b>The number.</b> As soon as a descriptor is released, the kernel reuses its number for the next socket. A call
 * that has begun but has not reached the kernel yet would then read or write the bytes of that socket. So calls are
 * counted. {@link #close()}, or an interrupt of a thread that reads or writes, shuts the connection down, which wakes
 * the calls in progress, and the last of them releases the descriptor. No other call may release it. (The channels of
 * junixsocket do so when they are interrupted or find that the peer is gone.)
 *
 * <p>Reads and writes block their thread, and also the carrier of a virtual thread. Exceptions have the messages of the
 * JDK's channels. All methods may be called from any thread, within the rules of {@link Connection}.
 */
public abstract class DescriptorConnection extends AbstractInterruptibleChannel implements Connection {
    private static final int COPIED_AT_ONCE = 8192;

    private final FileInputStream input;
    private final FileOutputStream output;
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;
    /** The channel for reads and writes after {@link #nonBlocking()}. */
    private volatile @Nullable SocketChannel nonBlocking;

    /** Guarded by {@link #input}, as is what follows. */
    private int calls;

    private boolean ended;
    private boolean detached;
    private boolean released;

    /**
     * Takes over a connection.
     *
     * @param descriptor the descriptor, in blocking mode
     * @param localAddress the server's address
     * @param remoteAddress the peer's address
     */
    protected DescriptorConnection(FileDescriptor descriptor, SocketAddress localAddress, SocketAddress remoteAddress) {
        this.localAddress = Objects.requireNonNull(localAddress, "localAddress");
        this.remoteAddress = Objects.requireNonNull(remoteAddress, "remoteAddress");
        input = new FileInputStream(descriptor);
        output = new FileOutputStream(descriptor);
    }

    /**
     * Ends one direction: shutdown(2). Called within a call, so the descriptor is open.
     *
     * @param isOutput true for the output, false for the input
     * @throws IOException if the connection is lost
     */
    protected abstract void shutdown(boolean isOutput) throws IOException;

    /**
     * Makes the connection non-blocking and returns a channel over a copy of the descriptor (dup(2)), so that the
     * channel may close it. Called once, within a call. {@link #release()} closes the copy.
     *
     * @return the channel; used by one thread at a time
     * @throws IOException if the channel can't be created
     */
    protected abstract SocketChannel nonBlockingChannel() throws IOException;

    /**
     * Begins a call that uses the descriptor. {@link #leave()} must follow.
     *
     * @throws ClosedChannelException if the connection is closed
     */
    protected final void enter() throws ClosedChannelException {
        synchronized (input) {
            if (!isOpen()) {
                throw new ClosedChannelException();
            }
            calls++;
        }
    }

    /**
     * Ends a call that uses the descriptor.
     *
     * @throws IOException if this was the last call of a closed connection, and the release fails
     */
    protected final void leave() throws IOException {
        boolean last;
        synchronized (input) {
            calls--;
            last = ended && calls == 0 && !released;
            released |= last;
        }
        if (last) {
            release();
        }
    }

    /**
     * Releases the descriptor, and other resources of subclasses, without a shutdown. Called once, when no call is in
     * progress and none can begin.
     *
     * @throws IOException if the release fails
     */
    protected void release() throws IOException {
        // Also closes the output, which shares the descriptor.
        input.close();
    }

    /**
     * {@inheritDoc}
     *
     * @throws ClosedByInterruptException if the thread was interrupted, which has closed the connection
     * @throws AsynchronousCloseException if the connection was closed meanwhile
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        return transfer(target, false);
    }

    /**
     * {@inheritDoc}
     *
     * @throws ClosedByInterruptException if the thread was interrupted, which has closed the connection
     * @throws AsynchronousCloseException if the connection was closed meanwhile
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        return transfer(source, true);
    }

    private int transfer(ByteBuffer bytes, boolean isOutput) throws IOException {
        enter();
        try {
            SocketChannel now = nonBlocking;
            return now == null ? transferInterruptibly(bytes, isOutput) : transferNow(now, bytes, isOutput);
        } finally {
            leave();
        }
    }

    private int transferInterruptibly(ByteBuffer bytes, boolean isOutput) throws IOException {
        int count = 0;
        try {
            begin();
            count = transferInside(bytes, isOutput);
            return count;
        } finally {
            // A close wakes waiting calls by a shutdown, which looks like an end from the peer. This throws then.
            end(count > 0);
        }
    }

    private int transferInside(ByteBuffer bytes, boolean isOutput) throws IOException {
        if (bytes.hasArray()) {
            int offset = bytes.arrayOffset() + bytes.position();
            int count = transferInside(bytes.array(), offset, bytes.remaining(), isOutput);
            bytes.position(bytes.position() + Math.max(0, count));
            return count;
        }
        byte[] copy = new byte[Math.min(bytes.remaining(), COPIED_AT_ONCE)];
        if (isOutput) {
            bytes.duplicate().get(copy);
        }
        int count = transferInside(copy, 0, copy.length, isOutput);
        if (isOutput) {
            bytes.position(bytes.position() + count);
        } else if (count > 0) {
            bytes.put(copy, 0, count);
        }
        return count;
    }

    /**
     * Reads or writes within a call, and may block. Overridden if file streams can't be used; an override must not
     * react to interrupts.
     *
     * @param bytes the buffer
     * @param offset the offset of the first byte
     * @param length the maximum number of bytes to read, or the number of bytes to write
     * @param isOutput true to write
     * @return the number of bytes; -1 at the end of input
     * @throws IOException if the call fails
     */
    protected int transferInside(byte[] bytes, int offset, int length, boolean isOutput) throws IOException {
        if (isOutput) {
            output.write(bytes, offset, length);
            return length;
        }
        return input.read(bytes, offset, length);
    }

    private int transferNow(SocketChannel channel, ByteBuffer bytes, boolean isOutput) throws IOException {
        try {
            // One call at a time: the first that finds the peer gone may release the copy while the other uses it.
            synchronized (channel) {
                return isOutput ? channel.write(bytes) : channel.read(bytes);
            }
        } catch (ClosedByInterruptException interrupted) {
            close();
            throw interrupted;
        } catch (ClosedChannelException | NotYetConnectedException failure) {
            if (!isOpen()) {
                throw failure instanceof ClosedChannelException known ? known : new AsynchronousCloseException();
            }
            // junixsocket throws this for EPIPE and ECONNRESET, and has closed the channel.
            throw new IOException("Broken pipe", failure);
        }
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
    public void shutdownInput() throws IOException {
        shutdownOpen(false);
    }

    @Override
    public void shutdownOutput() throws IOException {
        shutdownOpen(true);
    }

    private void shutdownOpen(boolean isOutput) throws IOException {
        enter();
        try {
            shutdown(isOutput);
        } finally {
            leave();
        }
    }

    @Override
    public boolean nonBlocking() throws IOException {
        enter();
        try {
            if (nonBlocking == null) {
                nonBlocking = nonBlockingChannel();
            }
            return true;
        } finally {
            leave();
        }
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public void detach() throws IOException {
        synchronized (input) {
            detached = true;
        }
        close();
    }

    /**
     * Lets no further call begin, and wakes the calls in progress. Called once, by {@link #close()} or an interrupt.
     */
    @Override
    protected final void implCloseChannel() throws IOException {
        boolean wakes;
        synchronized (input) {
            ended = true;
            // Otherwise the release of the descriptor ends the connection.
            wakes = calls > 0 && !detached;
            calls++;
        }
        try {
            if (wakes) {
                wake();
            }
        } finally {
            leave();
        }
    }

    private void wake() throws IOException {
        try {
            shutdown(false);
        } finally {
            shutdown(true);
        }
    }
}
