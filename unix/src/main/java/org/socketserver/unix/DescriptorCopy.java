package org.socketserver.unix;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.FileDescriptorCast;

/** A channel on a copy of a socket's descriptor. Losing or closing it has no effect on the socket. */
record DescriptorCopy(AFUNIXDatagramChannel channel) implements Closeable {
    static DescriptorCopy of(AFUNIXDatagramChannel original) throws IOException {
        AFUNIXDatagramChannel copy =
                FileDescriptorCast.duplicating(original.getFileDescriptor()).as(AFUNIXDatagramChannel.class);
        // Both would affect the socket itself: its file, and all its descriptors.
        copy.setDeleteOnClose(false);
        copy.setShutdownOnClose(false);
        return new DescriptorCopy(copy);
    }

    @Override
    public void close() throws IOException {
        FileDescriptor descriptor = channel.getFileDescriptor();
        channel.close();
        // The channel does not close a descriptor that was cast to it.
        new FileInputStream(descriptor).close();
    }
}
