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
 * A connection over a descriptor that is no channel of the JDK: a native library has accepted it, or another process.
 *
 * <p>Bytes are read and written as those of a file, which on a socket is all the same (read(2), write(2)). For what
 * files can't do, subclasses bring calls of their library.
 *
 * <p><b>The number.</b> The kernel gives the number of a descriptor to the next socket as soon as it is released. A
 * call that has begun, but has not reached the kernel yet, would read or write that one's bytes. So calls are counted:
 * {@link #close()}, or an interrupt of a thread that reads or writes, wakes those inside by a shutdown of the
 * connection, and the descriptor is released by whoever is the last to leave. No other call may release it: the
 * channels of junixsocket do, when they are interrupted or when they find that the peer has gone.
 *
 * <p>Reads and writes block their thread, also a virtual one's carrier. A failure is told in the words of the JDK's
 * channels. All methods may be called from any thread, within the rules of {@link Connection}.
 */
public abstract class DescriptorConnection extends AbstractInterruptibleChannel implements Connection {
    private static final int COPIED_AT_ONCE = 8192;

    private final FileInputStream input;
    private final FileOutputStream output;
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;
    /** What is read from and written to once nothing shall wait. */
    private volatile @Nullable SocketChannel waitsNot;

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
     * Ends one side: shutdown(2). Called inside of a call, so that the descriptor is there.
     *
     * @param isOutput true for the output, false for the input
     * @throws IOException if the connection is lost
     */
    protected abstract void shutdown(boolean isOutput) throws IOException;

    /**
     * Makes the connection wait no more, and gives a channel over a copy of the descriptor (dup(2)), so that the
     * channel may lose it. Called inside of a call, and once; {@link #release()} closes the copy.
     *
     * @return the channel; used by one thread at a time
     * @throws IOException if there is none
     */
    protected abstract SocketChannel nonBlockingChannel() throws IOException;

    /**
     * Begins a call that uses the descriptor; {@link #leave()} has to follow.
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
     * @throws IOException if this was the last of a closed connection, and its release fails
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
     * Releases the descriptor, and what else subclasses hold, without a shutdown. Called once, when no call is inside
     * and none will be.
     *
     * @throws IOException if that fails
     */
    protected void release() throws IOException {
        // Closes the output as well, which shares the descriptor.
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
            SocketChannel now = waitsNot;
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
            // A close wakes waiting calls by a shutdown, which looks like the peer's end; this throws then.
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
     * Reads or writes, and waits, inside of a call. Overridden where files can't do it; must not heed interrupts then.
     *
     * @param bytes where the bytes go or come from
     * @param offset of the first
     * @param length how many at most; for a write all of them
     * @param isOutput true to write
     * @return how many; -1 at the end of input
     * @throws IOException if it fails
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
            // One at a time: the first to hear that the peer has gone may release the copy under the other.
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
            // junixsocket says this of EPIPE and ECONNRESET, and has closed the channel.
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
        enter();
        try {
            shutdown(false);
        } finally {
            leave();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        enter();
        try {
            shutdown(true);
        } finally {
            leave();
        }
    }

    @Override
    public boolean nonBlocking() throws IOException {
        enter();
        try {
            if (waitsNot == null) {
                waitsNot = nonBlockingChannel();
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

    /** Lets nobody in from now on, and wakes who is inside. Called by {@link #close()}, and by an interrupt; once. */
    @Override
    protected final void implCloseChannel() throws IOException {
        boolean wakes;
        synchronized (input) {
            ended = true;
            // The release of the descriptor ends the connection otherwise.
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
