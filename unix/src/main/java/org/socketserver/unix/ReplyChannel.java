package org.socketserver.unix;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.ConnectionRefusedSocketException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.spi.DescriptorLock;

/**
 * Sends packets from a server's datagram socket, through a copy of its descriptor that may be lost.
 *
 * <p>junixsocket closes the descriptor when a packet is refused because the receiver is closed (exceptions.c:
 * ECONNREFUSED, EPIPE, ECONNRESET, ENOTCONN), which must not happen to the server's own. After a failure a new copy is
 * made.
 *
 * <p>May be used by any thread. One thread sends at a time, and never waits. All threads share one direct buffer,
 * because junixsocket would allocate one for each thread.
 */
final class ReplyChannel implements Closeable {
    private static final int FIRST_BUFFER = 4096;

    private final AFUNIXDatagramChannel server;
    private final ReentrantLock lock = new ReentrantLock();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private @Nullable DescriptorCopy copy;
    private boolean closed;

    ReplyChannel(AFUNIXDatagramChannel server) {
        this.server = server;
    }

    /**
     * Offers a packet to the kernel.
     *
     * @return false if the receiver's queue is full; nothing is sent or consumed then
     * @throws DisconnectedException if the receiver is unnamed, is closed, or can't be reached at its address
     */
    boolean offer(ByteBuffer bytes, UnixAddress target) throws IOException {
        if (target.isUnnamed()) {
            throw unnamed();
        }
        lock.lock();
        try {
            if (closed) {
                throw new ClosedChannelException();
            }
            if (buffer.capacity() < bytes.remaining()) {
                buffer = ByteBuffer.allocateDirect(
                        Math.max(FIRST_BUFFER, Integer.highestOneBit(bytes.remaining() - 1) * 2));
            }
            buffer.clear().put(bytes.duplicate()).flip();
            if (!send(target)) {
                return false;
            }
            bytes.position(bytes.limit());
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean send(UnixAddress target) throws IOException {
        DescriptorCopy used = copy;
        if (used == null) {
            used = DescriptorLock.shared(() -> DescriptorCopy.of(server));
            copy = used;
            used.channel().configureBlocking(false);
        }
        boolean fine = false;
        try {
            boolean sent = used.channel().send(buffer, NativeSockets.address(target)) > 0;
            fine = true;
            return sent;
        } catch (ConnectionRefusedSocketException | ClosedChannelException | NotYetConnectedException gone) {
            throw unreachable(target, gone.getMessage(), gone);
        } catch (IOException failure) {
            // Most errors do not have their own class.
            String words = String.valueOf(failure.getMessage());
            throw Errno.isUnreachable(words) ? unreachable(target, words, failure) : failure;
        } finally {
            if (!fine) {
                copy = null;
                used.close();
            }
        }
    }

    static DisconnectedException unnamed() {
        return new DisconnectedException("an unnamed sender can't be answered: it has not bound its socket", null);
    }

    static DisconnectedException unreachable(UnixAddress target, @Nullable String reason, @Nullable Exception cause) {
        return new DisconnectedException(target + " can't be reached: " + reason, cause);
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            DescriptorCopy used = copy;
            copy = null;
            if (used != null) {
                used.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
