package org.socketserver.unix;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * Packets through {@link KernelCalls}: unix(7), on Linux. Empty packets are dropped, as with junixsocket. The calls
 * never wait, so no signal interrupts them (EINTR, signal(7)).
 */
final class KernelPackets extends PacketCalls {
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** A copy, so that its number is not reused before {@link #close()}, even if the server's channel is closed. */
    private final DescriptorCopy copy;

    private final int socket;
    private final KernelCalls sender = new KernelCalls();
    private final KernelCalls receiver = new KernelCalls();

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
    @Nullable
    synchronized UnixAddress receive(ByteBuffer target) throws IOException {
        requireOpen();
        long count = receiver.receive(socket, target, MSG_DONTWAIT);
        if (count == 0 || Errno.EAGAIN.is(count)) {
            return null;
        }
        if (count < 0) {
            throw new IOException("recvfrom failed: " + Errno.words(count));
        }
        target.position(target.position() + (int) count);
        return receiver.sender();
    }

    @Override
    boolean send(ByteBuffer direct, UnixAddress target) throws IOException {
        long sent = sender.send(socket, direct, MSG_DONTWAIT | MSG_NOSIGNAL, target);
        if (Errno.EAGAIN.is(sent) || Errno.ENOBUFS.is(sent)) {
            return false;
        }
        if (sent < 0) {
            throw Errno.isUnreachable(sent)
                    ? unreachable(target, Errno.words(sent), null)
                    : new IOException("sendto " + target + " failed: " + Errno.words(sent));
        }
        return true;
    }

    /** Synchronized with {@link #receive}, which uses the number of the descriptor. */
    @Override
    synchronized void release() throws IOException {
        copy.close();
    }
}
