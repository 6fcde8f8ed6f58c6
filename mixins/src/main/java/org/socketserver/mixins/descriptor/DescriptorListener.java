package org.socketserver.mixins.descriptor;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * Where the other ends of {@link DescriptorLink}s connect: a Unix-domain socket at a path.
 *
 * <p>Who may connect is up to the permissions of the path's folder. The socket file is left behind. {@link #accept} is
 * called by one platform thread at a time; {@link #close()} by any, before the file is removed.
 */
public final class DescriptorListener implements Closeable {
    private final AFUNIXServerSocketChannel channel;
    private final UnixDomainSocketAddress address;
    private final int owner;
    /** Guarded by this, as is what follows. */
    private boolean accepting;

    private boolean closed;

    private DescriptorListener(AFUNIXServerSocketChannel channel, UnixDomainSocketAddress address, int owner) {
        this.channel = channel;
        this.address = address;
        this.owner = owner;
    }

    /**
     * Listens at a path where nothing is yet.
     *
     * @param path where to make the socket file
     * @return the listener
     * @throws IOException if something is there, or the path has more than 107 bytes, or can't be made
     */
    public static DescriptorListener bind(Path path) throws IOException {
        AFUNIXSocketAddress address = AFUNIXSocketAddress.of(path);
        AFUNIXServerSocketChannel channel = AFUNIXServerSocketChannel.open();
        boolean bound = false;
        try {
            // junixsocket takes a path away from whoever has it, unless told otherwise.
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            channel.setDeleteOnClose(false);
            channel.bind(address);
            DescriptorListener listener =
                    new DescriptorListener(channel, UnixDomainSocketAddress.of(path), DescriptorLink.owner(path));
            bound = true;
            return listener;
        } finally {
            if (!bound) {
                channel.close();
            }
        }
    }

    /**
     * Waits for the next link.
     *
     * @return the link
     * @throws java.nio.channels.ClosedChannelException if this is or was closed, or the thread is interrupted, which
     *     closes it
     * @throws IOException if accepting fails, as it does when no descriptor is free
     */
    public DescriptorLink accept() throws IOException {
        synchronized (this) {
            if (closed) {
                throw new ClosedChannelException();
            }
            accepting = true;
        }
        DescriptorLink link = null;
        try {
            link = new DescriptorLink(channel.accept(), address, owner);
        } catch (IOException failure) {
            if (isClosed()) {
                throw (IOException) new AsynchronousCloseException().initCause(failure);
            }
            throw failure;
        } finally {
            if (isOver()) {
                channel.close();
            }
        }
        if (!channel.isOpen()) {
            link.close();
            throw new AsynchronousCloseException();
        }
        return link;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Accepting is over; true if it is now up to the one who did to close. */
    private synchronized boolean isOver() {
        accepting = false;
        return closed;
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closed && accepting) {
                // Woken already.
                return;
            }
            closed = true;
            if (accepting) {
                wake();
            } else {
                channel.close();
            }
        }
    }

    /**
     * Makes an accept that waits, or is about to, fail: shutdown(2). Who accepts closes then; its number must not
     * become somebody else's before.
     */
    private void wake() throws IOException {
        FileDescriptorCast.using(channel.getFileDescriptor())
                .as(AFUNIXSocketChannel.class)
                .shutdownInput();
    }
}
