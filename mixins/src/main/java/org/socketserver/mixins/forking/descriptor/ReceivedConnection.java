package org.socketserver.mixins.forking.descriptor;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.FileDescriptorCast;
import org.socketserver.api.spi.DescriptorConnection;

/**
 * A connection that another process has accepted, on the descriptor that was received from there.
 *
 * <p>A channel of junixsocket is created only for operations that files do not have: to shut down one direction, to
 * wake a waiting thread, and non-blocking mode. Creating one costs as much as a short request.
 *
 * <p>Must be read and written on platform threads only: on a virtual thread, junixsocket spins while it waits. {@link
 * #noDelay} does nothing, because junixsocket does not support {@code TCP_NODELAY}; the setting of the process that
 * accepted the connection remains.
 */
final class ReceivedConnection extends DescriptorConnection {
    /** Kept, because junixsocket closes the received connections when it is garbage collected. */
    @SuppressWarnings("unused")
    private final DescriptorInput input;

    private final FileDescriptor descriptor;
    private final List<Object> attributes;
    /** Guarded by this, as is what follows. */
    private @Nullable SocketChannel channel;

    private @Nullable DescriptorCopy nonBlocking;

    ReceivedConnection(
            DescriptorInput input,
            FileDescriptor descriptor,
            SocketAddress localAddress,
            SocketAddress remoteAddress,
            List<Object> attributes) {
        super(descriptor, localAddress, remoteAddress);
        this.input = input;
        this.descriptor = descriptor;
        this.attributes = attributes;
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return attributes.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    @Override
    protected void shutdown(boolean isOutput) throws IOException {
        SocketChannel made = socketChannel();
        if (isOutput) {
            made.shutdownOutput();
        } else {
            made.shutdownInput();
        }
    }

    private synchronized SocketChannel socketChannel() throws IOException {
        SocketChannel made = channel;
        if (made == null) {
            made = DescriptorCopy.channel(FileDescriptorCast.using(descriptor));
            channel = made;
        }
        return made;
    }

    @Override
    protected synchronized SocketChannel nonBlockingChannel() throws IOException {
        DescriptorCopy copy = DescriptorCopy.of(descriptor);
        nonBlocking = copy;
        SocketChannel made = copy.channel();
        made.configureBlocking(false);
        return made;
    }

    @Override
    protected synchronized void release() throws IOException {
        SocketChannel made = channel;
        DescriptorCopy copy = nonBlocking;
        try (made) {
            try (copy) {
                // The channel is closed last, because it shuts a descriptor down that is still there.
            } finally {
                super.release();
            }
        }
    }
}
