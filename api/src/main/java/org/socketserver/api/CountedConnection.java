package org.socketserver.api;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/**
 * A connection over a channel that reads and writes by the number of its descriptor, without a lock, as those of native
 * libraries do.
 *
 * <p>Such a channel must not release its descriptor while a call is inside: one that began before could reach the next
 * connection with that number. So calls are counted. {@link #close()} wakes those that wait by a shutdown of the connection,
 * and the descriptor is released by whoever is the last to leave. After {@link #detach()} it is released without a shutdown.
 *
 * <p>A failure of the channel is told in the words of the JDK's channels. All methods may be called from any thread, within
 * the rules of {@link Connection}.
 */
public abstract class CountedConnection implements Connection {
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;
    private int calls;
    private boolean closed;
    private boolean released;

    /**
     * Takes over a connection.
     *
     * @param localAddress the server's address
     * @param remoteAddress the peer's address
     */
    protected CountedConnection(SocketAddress localAddress, SocketAddress remoteAddress) {
        this.localAddress = Objects.requireNonNull(localAddress, "localAddress");
        this.remoteAddress = Objects.requireNonNull(remoteAddress, "remoteAddress");
    }

    /**
     * Gives the channel. Called inside of a call, so that the descriptor is there.
     *
     * @return the channel, connected and in blocking mode
     * @throws IOException if there is none
     */
    protected abstract SocketChannel socketChannel() throws IOException;

    /**
     * Releases the descriptor and what else the channel holds, without a shutdown. Called once, when no call is inside and
     * none will be.
     *
     * @throws IOException if that fails
     */
    protected abstract void release() throws IOException;

    /**
     * Begins a call that uses the channel; {@link #leave()} has to follow.
     *
     * @throws ClosedChannelException if the connection is closed
     */
    protected final synchronized void enter() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
        calls++;
    }

    /**
     * Ends a call that uses the channel.
     *
     * @throws IOException if this was the last of a closed connection, and its release fails
     */
    protected final void leave() throws IOException {
        boolean last;
        synchronized (this) {
            calls--;
            last = closed && calls == 0 && !released;
            released |= last;
        }
        if (last) {
            release();
        }
    }

    /** Only they have to be woken; the release of the descriptor ends the connection otherwise. */
    private synchronized boolean othersAreInside() {
        return calls > 1;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /**
     * {@inheritDoc}
     *
     * @throws AsynchronousCloseException if the connection was closed meanwhile
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        return transfer(target, false);
    }

    /**
     * {@inheritDoc}
     *
     * @throws AsynchronousCloseException if the connection was closed meanwhile
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        return transfer(source, true);
    }

    /**
     * Reads or writes, inside of a call.
     *
     * @param bytes where the bytes go or come from
     * @param output true to write
     * @return how many
     * @throws IOException if it fails
     */
    protected int transferInside(ByteBuffer bytes, boolean output) throws IOException {
        return output ? socketChannel().write(bytes) : socketChannel().read(bytes);
    }

    private int transfer(ByteBuffer bytes, boolean output) throws IOException {
        enter();
        try {
            int count = transferInside(bytes, output);
            // A close wakes waiting calls by a shutdown, which looks like the peer's end.
            if (isClosed()) {
                throw new AsynchronousCloseException();
            }
            return count;
        } catch (ClosedByInterruptException interrupted) {
            throw interrupted;
        } catch (ClosedChannelException | NotYetConnectedException failure) {
            if (isClosed()) {
                throw failure instanceof ClosedChannelException known ? known : new AsynchronousCloseException();
            }
            // junixsocket says this of EPIPE and ECONNRESET, and has closed the channel.
            throw new IOException("Broken pipe", failure);
        } finally {
            leave();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        enter();
        try {
            socketChannel().shutdownInput();
        } finally {
            leave();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        enter();
        try {
            socketChannel().shutdownOutput();
        } finally {
            leave();
        }
    }

    @Override
    public boolean nonBlocking() throws IOException {
        enter();
        try {
            socketChannel().configureBlocking(false);
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
    public boolean isOpen() {
        return !isClosed();
    }

    @Override
    public void close() throws IOException {
        if (end()) {
            try {
                if (othersAreInside()) {
                    socketChannel().shutdownInput();
                    socketChannel().shutdownOutput();
                }
            } finally {
                leave();
            }
        }
    }

    @Override
    public void detach() throws IOException {
        if (end()) {
            leave();
        }
    }

    /** Lets nobody in from now on; true for the first, who is inside then. */
    private synchronized boolean end() {
        if (closed) {
            return false;
        }
        closed = true;
        calls++;
        return true;
    }
}
