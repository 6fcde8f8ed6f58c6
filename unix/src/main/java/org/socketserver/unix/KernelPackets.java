package org.socketserver.unix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * Packets through {@link KernelCalls}: unix(7), recvfrom(2), sendto(2), on Linux. Empty packets are dropped, as with
 * junixsocket.
 */
final class KernelPackets implements PacketCalls {
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final short AF_UNIX = 1;
    /** Size of the family in a {@code sockaddr_un}. */
    private static final int FAMILY = Short.BYTES;

    private static final int FIRST_BUFFER = 4096;

    /** A copy, so that its number is not reused before {@link #close()}, even if the server's channel is closed. */
    private final DescriptorCopy copy;

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
        copy = DescriptorCopy.of(channel);
        boolean done = false;
        try {
            socket =
                    FileDescriptorCast.using(copy.channel().getFileDescriptor()).as(Integer.class);
            done = true;
        } finally {
            if (!done) {
                copy.close();
            }
        }
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
                count = receiver.receive(socket, at, target.remaining(), MSG_DONTWAIT, senderAt, senderLengthAt);
            } while (Errno.EINTR.is(count));
            if (count == 0 || Errno.EAGAIN.is(count)) {
                return null;
            }
            if (count < 0) {
                throw new IOException("recvfrom failed: " + Errno.words(count));
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
            if (!target.isDirect() || target.isReadOnly()) {
                throw new IllegalArgumentException(target + " is no direct buffer that can be written to");
            }
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
                ByteBuffer larger = KernelCalls.direct(Math.max(length, 2 * packet.capacity()));
                packetAt = KernelCalls.address(larger);
                packet = larger;
            }
            packet.clear().put(bytes.duplicate());
            long sent;
            do {
                requireOpen();
                sent = replier.send(socket, packetAt, length, MSG_DONTWAIT | MSG_NOSIGNAL, nameAt, write(target));
            } while (Errno.EINTR.is(sent));
            if (Errno.EAGAIN.is(sent) || Errno.ENOBUFS.is(sent)) {
                return false;
            }
            if (sent < 0) {
                throw failure(sent, target);
            }
            bytes.position(bytes.limit());
            return true;
        } finally {
            sending.unlock();
        }
    }

    /**
     * Writes a {@code sockaddr_un} and returns its length. A path ends with a NUL, an abstract name with the length.
     */
    private int write(UnixAddress target) {
        byte[] path = target.kernelName();
        name.clear().putShort(AF_UNIX).put(path);
        if (!target.isAbstract() && name.hasRemaining()) {
            name.put((byte) 0);
        }
        return name.position();
    }

    private static IOException failure(long result, UnixAddress target) {
        return Errno.isUnreachable(result)
                ? ReplyChannel.unreachable(target, Errno.words(result), null)
                : new IOException("sendto " + target + " failed: " + Errno.words(result));
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public void close() throws IOException {
        receiving.lock();
        sending.lock();
        try {
            if (!closed) {
                closed = true;
                copy.close();
            }
        } finally {
            sending.unlock();
            receiving.unlock();
        }
    }
}
