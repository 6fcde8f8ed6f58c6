package org.socketserver.mixins.descriptor;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;
import org.socketserver.api.spi.DescriptorLock;

/** A descriptor of our own for what another descriptor is for; nobody else closes it. */
record DescriptorCopy(FileDescriptorCast cast) implements Closeable {
    /**
     * Copies a descriptor; harmless also if that is closed at this moment. Waits while a process is started, see {@link
     * DescriptorLock}.
     *
     * @throws IOException if it is closed, or this process has no descriptor free
     */
    static DescriptorCopy of(FileDescriptor original) throws IOException {
        DescriptorCopy copy = new DescriptorCopy(DescriptorLock.shared(() -> FileDescriptorCast.duplicating(original)));
        // Who closes it takes the number out of the object first. So it was not closed before the copy was made.
        if (!original.valid()) {
            copy.close();
            throw new IOException("the descriptor was closed meanwhile");
        }
        return copy;
    }

    FileDescriptor descriptor() {
        return cast.getFileDescriptor();
    }

    /**
     * Makes a channel of it, which does not release the descriptor when it is closed.
     *
     * @throws IOException if it is no stream socket
     */
    SocketChannel channel() throws IOException {
        if (!cast.isAvailable(SocketChannel.class)) {
            throw new IOException("no stream socket");
        }
        return cast.as(SocketChannel.class);
    }

    /**
     * Reads SO_LINGER.
     *
     * @return seconds, -1 if it is off
     * @throws IOException if this is no stream socket
     */
    int linger() throws IOException {
        if (!cast.isAvailable(SocketChannel.class)) {
            throw new IOException("no stream socket");
        }
        return DescriptorProbe.of(cast.as(Integer.class)).linger();
    }

    /** Releases the descriptor, without a shutdown. */
    @Override
    public void close() throws IOException {
        new FileInputStream(descriptor()).close();
    }
}
