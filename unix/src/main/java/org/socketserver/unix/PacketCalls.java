package org.socketserver.unix;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.DisconnectedException;

/**
 * Receives and sends the packets of a bound socket, without waiting. One thread may receive and any number may send.
 *
 * <p>All sending threads share one direct buffer, because junixsocket would allocate one for each thread.
 */
abstract class PacketCalls implements Closeable {
    private static final int FIRST_BUFFER = 4096;

    private final ReentrantLock sending = new ReentrantLock();
    private ByteBuffer packet = ByteBuffer.allocateDirect(0);

    /** Set before {@link #release()}. */
    private volatile boolean closed;

    /**
     * Returns the calls for a bound channel: through the JDK's foreign functions if they are available, otherwise
     * through junixsocket.
     *
     * <p>For each packet junixsocket creates an address object and an exception, which takes longer than both calls.
     */
    static PacketCalls of(AFUNIXDatagramChannel channel) throws IOException {
        return KernelCalls.available() ? new KernelPackets(channel) : new LibraryPackets(channel);
    }

    /**
     * Receives a packet.
     *
     * @param target a direct buffer
     * @return the sender, unnamed if it is not bound; null if there is no packet, or an empty one
     */
    abstract @Nullable UnixAddress receive(ByteBuffer target) throws IOException;

    /**
     * Sends a packet from a direct buffer. Called by one thread at a time, before {@link #release()}.
     *
     * @return false if the receiver's queue is full
     */
    abstract boolean send(ByteBuffer direct, UnixAddress target) throws IOException;

    /** Releases what {@link #send} uses. Called once. */
    abstract void release() throws IOException;

    /**
     * Offers a packet to the kernel.
     *
     * @return false if the receiver's queue is full; nothing is sent or consumed then
     * @throws DisconnectedException if the receiver is unnamed, is closed, or can't be reached at its address
     */
    final boolean offer(ByteBuffer bytes, UnixAddress target) throws IOException {
        if (target.isUnnamed()) {
            throw new DisconnectedException("an unnamed sender can't be answered: it has not bound its socket", null);
        }
        sending.lock();
        try {
            requireOpen();
            if (packet.capacity() < bytes.remaining()) {
                packet = ByteBuffer.allocateDirect(
                        Math.max(FIRST_BUFFER, Integer.highestOneBit(bytes.remaining() - 1) * 2));
            }
            packet.clear().put(bytes.duplicate()).flip();
            if (!send(packet, target)) {
                return false;
            }
            bytes.position(bytes.limit());
            return true;
        } finally {
            sending.unlock();
        }
    }

    static DisconnectedException unreachable(UnixAddress target, @Nullable String reason, @Nullable Exception cause) {
        return new DisconnectedException(target + " can't be reached: " + reason, cause);
    }

    final void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /** Nothing is sent after it. */
    @Override
    public final void close() throws IOException {
        sending.lock();
        try {
            if (!closed) {
                closed = true;
                release();
            }
        } finally {
            sending.unlock();
        }
    }
}
