package org.socketserver.mixins.descriptor;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.DescriptorConnection;
import org.socketserver.mixins.wire.Link;

/**
 * One end of a stream of bytes between two processes, over which connections can go as well: a Unix-domain socket that
 * takes descriptors (SCM_RIGHTS, unix(7)).
 *
 * <p><b>Threads.</b> Platform threads only: on a virtual one junixsocket spins while it waits. At most one thread reads
 * and one writes at a time. {@link #close()} may be called from any thread, and wakes both. An interrupt of a thread
 * that is inside {@link #read} or a write closes the link, as it does a channel of the JDK.
 *
 * <p><b>Ownership.</b> Connections that were received and not asked for are closed with the link.
 *
 * <p>Only where {@link DescriptorPassing#obstacle()} is empty.
 */
public final class DescriptorLink implements Link {
    /** Bytes for descriptors that come with one read; that is never more than those of one write. */
    private static final int ANCILLARY_BYTES = 256;

    /** junixsocket clears and copies as many bytes as are asked for. */
    private static final int READ_AT_ONCE = 4096;

    private final Ends ends;
    private final int owner;

    /**
     * Takes over a connected channel, which is closed if this fails.
     *
     * @param owner the user who made the socket file
     */
    DescriptorLink(AFUNIXSocketChannel channel, UnixDomainSocketAddress address, int owner) throws IOException {
        this.owner = owner;
        ends = Ends.of(channel, address);
    }

    /** Returns the owner of a socket file. Asking the kernel for our own user would need another socket. */
    static int owner(Path socketFile) throws IOException {
        return (int) Files.getAttribute(socketFile, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Connects to a {@link DescriptorListener}.
     *
     * @param path of its socket
     * @return the link
     * @throws IOException if nobody listens there, or the path has more than 107 bytes
     */
    public static DescriptorLink connect(Path path) throws IOException {
        int owner = owner(path);
        AFUNIXSocketChannel channel = AFUNIXSocketChannel.open(AFUNIXSocketAddress.of(path));
        return new DescriptorLink(channel, UnixDomainSocketAddress.of(path), owner);
    }

    /**
     * Reads what has come, and waits if nothing has.
     *
     * @param target where the bytes go
     * @return how many bytes were read; -1 if the other end has closed
     * @throws java.nio.channels.ClosedChannelException if this end is or was closed
     * @throws IOException if the link is lost
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        return ends.read(target);
    }

    /**
     * Writes all bytes, and waits while the other end does not read.
     *
     * @param source the bytes
     * @throws java.nio.channels.ClosedChannelException if this end is or was closed
     * @throws IOException if the link is lost; how much was written is unknown then
     */
    @Override
    public void write(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            ends.write(source);
        }
    }

    /**
     * Writes all bytes, and hands a connection over with the first of them.
     *
     * @param source the bytes, at least one
     * @param connection a connected channel in blocking mode, which nobody uses or closes meanwhile; stays open, and
     *     the caller closes it afterwards, in blocking mode, since the JDK makes a shutdown otherwise
     * @throws NoDescriptorException if the connection was closed meanwhile, or its descriptor can't be had; nothing was
     *     written
     * @throws java.nio.channels.ClosedChannelException if this end is or was closed
     * @throws IOException if the link is lost; whether the connection went over is unknown then
     */
    @Override
    public void writeWith(ByteBuffer source, SocketChannel connection) throws IOException {
        if (!source.hasRemaining()) {
            throw new IllegalArgumentException("a connection needs a byte to go with");
        }
        try (DescriptorCopy copy = copyOf(connection)) {
            ends.sendWithNext(copy.descriptor());
            ends.write(source);
        }
        write(source);
    }

    private static DescriptorCopy copyOf(SocketChannel connection) throws NoDescriptorException {
        try {
            return DescriptorFinder.copyOf(connection);
        } catch (IOException | RuntimeException reason) {
            throw new NoDescriptorException(
                    "the descriptor of a connection can't be had: " + reason.getMessage(), reason);
        }
    }

    /**
     * Takes the connection that came with bytes that were read; the first if there are several. Called by the thread
     * that reads.
     *
     * @param localAddress what the connection shall tell as the server's address
     * @param remoteAddress what it shall tell as the peer's
     * @return the connection, for platform threads; its {@link Connection#noDelay} does nothing
     * @throws IOException if none came, because this process has no descriptor free, or the other end has sent none
     */
    @Override
    public Connection received(SocketAddress localAddress, SocketAddress remoteAddress) throws IOException {
        FileDescriptor descriptor = ends.take();
        if (descriptor == null) {
            throw new IOException("no connection came with the bytes; this process may have no descriptor free");
        }
        return new ReceivedConnection(this, descriptor, localAddress, remoteAddress);
    }

    /**
     * Returns whether the process at the other end runs as the owner of the socket file. For an accepted link that is
     * the user of this process.
     *
     * @return true if the effective user of the other process is the owner of the socket file
     * @throws IOException if the link is lost
     */
    public boolean peerIsSameUser() throws IOException {
        return ends.peer() == owner;
    }

    @Override
    public void close() throws IOException {
        ends.close();
    }

    /**
     * The bytes, and the connections that go with them.
     *
     * <p>junixsocket releases a descriptor when it hears that the other end has gone, while another thread may be just
     * about to use its number. So the one who reads has a descriptor for himself, and so has the one who writes.
     */
    private static final class Ends extends DescriptorConnection {
        private final AFUNIXSocketChannel channel;
        private final DescriptorCopy readerCopy;
        private final DescriptorCopy writerCopy;
        private final AFUNIXSocket reader;
        private final AFUNIXSocket writer;
        /** What came and was not asked for yet; guarded by itself. */
        private final Queue<FileDescriptor> received = new ArrayDeque<>();

        /** Takes over the channel if this succeeds, and else closes it. */
        static Ends of(AFUNIXSocketChannel channel, UnixDomainSocketAddress address) throws IOException {
            Deque<Closeable> opened = new ArrayDeque<>(List.of(channel));
            try {
                DescriptorCopy reader = DescriptorCopy.of(channel.getFileDescriptor());
                opened.push(reader);
                DescriptorCopy writer = DescriptorCopy.of(channel.getFileDescriptor());
                opened.push(writer);
                return new Ends(channel, address, reader, writer);
            } catch (IOException | RuntimeException failure) {
                for (Closeable each : opened) {
                    try {
                        each.close();
                    } catch (IOException released) {
                        failure.addSuppressed(released);
                    }
                }
                throw failure;
            }
        }

        private Ends(
                AFUNIXSocketChannel channel,
                UnixDomainSocketAddress address,
                DescriptorCopy readerCopy,
                DescriptorCopy writerCopy)
                throws IOException {
            super(channel.getFileDescriptor(), address, address);
            this.channel = channel;
            this.readerCopy = readerCopy;
            this.writerCopy = writerCopy;
            reader = readerCopy.cast().as(AFUNIXSocket.class);
            reader.setAncillaryReceiveBufferSize(ANCILLARY_BYTES);
            writer = writerCopy.cast().as(AFUNIXSocket.class);
        }

        @Override
        protected int transferInside(byte[] bytes, int offset, int length, boolean isOutput) throws IOException {
            if (isOutput) {
                writer.getOutputStream().write(bytes, offset, length);
                return length;
            }
            int count = reader.getInputStream().read(bytes, offset, Math.min(length, READ_AT_ONCE));
            FileDescriptor[] descriptors = reader.getReceivedFileDescriptors();
            synchronized (received) {
                Collections.addAll(received, descriptors);
            }
            return count;
        }

        /** The next that came; null if none did. */
        @Nullable
        FileDescriptor take() {
            synchronized (received) {
                return received.poll();
            }
        }

        void sendWithNext(FileDescriptor descriptor) throws IOException {
            writer.setOutboundFileDescriptors(descriptor);
        }

        int peer() throws IOException {
            enter();
            try {
                // An int as the JDK has it: negative from 2^31 on.
                return (int) channel.getPeerCredentials().getUid();
            } finally {
                leave();
            }
        }

        @Override
        protected void shutdown(boolean isOutput) throws IOException {
            if (isOutput) {
                channel.shutdownOutput();
            } else {
                channel.shutdownInput();
            }
        }

        @Override
        protected SocketChannel nonBlockingChannel() {
            throw new UnsupportedOperationException("a link always waits");
        }

        /** Also closes what was received and not taken. */
        @Override
        protected void release() throws IOException {
            // The last of the three descriptors ends the link. They come before the channels, which would shut it down.
            // The reader is left to the garbage collector: closing it would close descriptors in use.
            try (channel;
                    writer;
                    readerCopy;
                    writerCopy) {
                super.release();
            } finally {
                for (FileDescriptor unused = take(); unused != null; unused = take()) {
                    new FileInputStream(unused).close();
                }
            }
        }
    }
}
