package org.socketserver.mixins.forking.descriptor;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;
import org.socketserver.api.spi.DescriptorLock;

/** A duplicate of a descriptor (dup(2)), which only its owner closes. */
record DescriptorCopy(FileDescriptorCast cast) implements Closeable {
    /**
     * Duplicates a descriptor, which may be closed at the same time. Waits while a process is started, see {@link
     * DescriptorLock}.
     *
     * @throws IOException if it is closed, or this process has no descriptor free
     */
    static DescriptorCopy of(FileDescriptor original) throws IOException {
        DescriptorCopy copy = new DescriptorCopy(DescriptorLock.shared(() -> FileDescriptorCast.duplicating(original)));
        // A close first removes the number from the object. So the original was open when the copy was made.
        return copy.onlyIf(original.valid());
    }

    /**
     * Duplicates the descriptor of a channel.
     *
     * @throws IOException if the channel is closed, its descriptor is not available, or this process has none free
     */
    static DescriptorCopy of(SocketChannel channel) throws IOException {
        // A channel is marked as closed before its descriptor is closed. So the copy is of this channel if that is
        // still open afterwards.
        return of(ChannelDescriptors.of(channel)).onlyIf(channel.isOpen());
    }

    private DescriptorCopy onlyIf(boolean open) throws IOException {
        if (!open) {
            close();
            throw new IOException("the connection was closed meanwhile");
        }
        return this;
    }

    FileDescriptor descriptor() {
        return cast.getFileDescriptor();
    }

    /** Creates a channel, which does not release the descriptor when it is closed. */
    SocketChannel channel() throws IOException {
        return channel(cast);
    }

    /**
     * Creates a channel of a descriptor.
     *
     * @throws IOException if it is no stream socket
     */
    static SocketChannel channel(FileDescriptorCast cast) throws IOException {
        if (!cast.isAvailable(SocketChannel.class)) {
            throw new IOException("the descriptor is no stream socket");
        }
        return cast.as(SocketChannel.class);
    }

    /** Releases the descriptor, without a shutdown. */
    @Override
    public void close() throws IOException {
        new FileInputStream(descriptor()).close();
    }
}
