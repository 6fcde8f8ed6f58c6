package org.socketserver.unix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.FileDescriptorCast;
import org.socketserver.api.DisconnectedException;

/**
 * Packets by {@link KernelCalls}: unix(7), recvfrom(2), sendto(2), on Linux.
 *
 * <p>The socket belongs to its channel; here only its number is known. So no call begins after {@link #close()}.
 */
final class KernelPackets implements PacketCalls {
    private static final int DONTWAIT = 0x40;
    private static final int NOSIGNAL = 0x4000;

    private static final short AF_UNIX = 1;
    /** Size of the family in a {@code sockaddr_un}. */
    private static final int FAMILY = Short.BYTES;

    private static final int INTERRUPTED = 4;
    private static final int NO_BUFFERS = 105;
    private static final int FIRST_BUFFER = 4096;

    /** What {@code errno} says of a receiver that is not there any more. */
    private static final Map<Long, String> GONE = Map.of(
            2L, "No such file or directory",
            32L, "Broken pipe",
            104L, "Connection reset by peer",
            107L, "Not connected",
            111L, "Connection refused");

    private final int socket;

    private final ReentrantLock receiving = new ReentrantLock();
    private final KernelCalls receiver = new KernelCalls();
    private final ByteBuffer sender = KernelCalls.direct(FAMILY + UnixAddress.SUN_PATH);
    private final ByteBuffer senderLength = KernelCalls.direct(Integer.BYTES);
    private final long senderAt = KernelCalls.address(sender);
    private final long senderLengthAt = KernelCalls.address(senderLength);
    private @Nullable ByteBuffer known;
    private long knownAt;

    private final ReentrantLock sending = new ReentrantLock();
    private final KernelCalls replier = new KernelCalls();
    private final ByteBuffer name = KernelCalls.direct(FAMILY + UnixAddress.SUN_PATH);
    private final long nameAt = KernelCalls.address(name);
    private ByteBuffer packet = KernelCalls.direct(FIRST_BUFFER);
    private long packetAt = KernelCalls.address(packet);

    /** Changed under both locks. */
    private boolean closed;

    KernelPackets(AFUNIXDatagramChannel channel) throws IOException {
        socket = FileDescriptorCast.using(channel.getFileDescriptor()).as(Integer.class);
    }

    @Override
    public @Nullable UnixAddress receive(ByteBuffer target) throws IOException {
        receiving.lock();
        try {
            long at = addressOf(target) + target.position();
            long count;
            do {
                requireOpen();
                senderLength.putInt(0, sender.capacity());
                count = receiver.receive(socket, at, target.remaining(), DONTWAIT, senderAt, senderLengthAt);
            } while (count == -INTERRUPTED);
            if (count == -KernelCalls.EAGAIN) {
                return null;
            }
            if (count < 0) {
                throw new IOException("recvfrom failed with errno " + -count);
            }
            target.position(target.position() + (int) count);
            byte[] path = new byte[Math.max(0, Math.min(senderLength.getInt(0), sender.capacity()) - FAMILY)];
            sender.get(FAMILY, path);
            return UnixAddress.ofKernel(path);
        } finally {
            receiving.unlock();
        }
    }

    /** The server receives into the same buffer each time. */
    private long addressOf(ByteBuffer target) {
        if (target != known) {
            knownAt = KernelCalls.address(target);
            known = target;
        }
        return knownAt;
    }

    @Override
    public boolean offer(ByteBuffer bytes, UnixAddress target) throws IOException {
        if (target.isUnnamed()) {
            throw ReplyChannel.unnamed();
        }
        sending.lock();
        try {
            int length = bytes.remaining();
            if (packet.capacity() < length) {
                packet = KernelCalls.direct(Integer.highestOneBit(length - 1) * 2);
                packetAt = KernelCalls.address(packet);
            }
            packet.clear().put(bytes.duplicate());
            long sent;
            do {
                requireOpen();
                sent = replier.send(socket, packetAt, length, DONTWAIT | NOSIGNAL, nameAt, write(target));
            } while (sent == -INTERRUPTED);
            if (sent == -KernelCalls.EAGAIN || sent == -NO_BUFFERS) {
                return false;
            }
            if (sent < 0) {
                throw failure(-sent, target);
            }
            bytes.position(bytes.limit());
            return true;
        } finally {
            sending.unlock();
        }
    }

    /** Writes a {@code sockaddr_un}; gives its length. A path ends with a NUL, an abstract name with the length. */
    private int write(UnixAddress target) {
        byte[] path = target.kernelName();
        name.clear().putShort(AF_UNIX).put(path);
        if (!target.isAbstract() && name.hasRemaining()) {
            name.put((byte) 0);
        }
        return name.position();
    }

    private static IOException failure(long errno, UnixAddress target) {
        String gone = GONE.get(errno);
        return gone == null
                ? new IOException("sendto " + target + " failed with errno " + errno)
                : new DisconnectedException(target + " has gone: " + gone, null);
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public void close() {
        receiving.lock();
        sending.lock();
        try {
            closed = true;
        } finally {
            sending.unlock();
            receiving.unlock();
        }
    }
}
