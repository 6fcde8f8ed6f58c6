package org.socketserver.mixins.forking.descriptor;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;
import org.socketserver.api.spi.DescriptorLock;

/** A descriptor of our own for what another descriptor is for (dup(2)); nobody else closes it. */
record DescriptorCopy(FileDescriptorCast cast) implements Closeable {
    /**
     * Copies a descriptor; harmless also if that is closed at this moment. Waits while a process is started, see {@link
     * DescriptorLock}.
     *
     * @throws IOException if it is closed, or this process has no descriptor free
     */
    static DescriptorCopy of(FileDescriptor original) throws IOException {
        DescriptorCopy copy = new DescriptorCopy(DescriptorLock.shared(() -> FileDescriptorCast.duplicating(original)));
        // Whoever closes it takes the number out of the object first. So it was not closed before the copy was made.
        return copy.onlyIf(original.valid());
    }

    /**
     * Copies the descriptor of a channel.
     *
     * @throws IOException if the channel is closed, its descriptor can't be had, or this process has none free
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

    /** Makes a channel of it, which does not release the descriptor when it is closed. */
    SocketChannel channel() throws IOException {
        return channel(cast);
    }

    /**
     * Makes a channel of a descriptor.
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
