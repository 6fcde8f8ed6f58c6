package org.socketserver.mixins.descriptor;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.socketserver.api.CountedConnection;

/**
 * A connection that another process has accepted: a channel of junixsocket over a descriptor of our own.
 *
 * <p>To be read and written on platform threads only: on a virtual one junixsocket spins while it waits. {@link #noDelay} does
 * nothing, since junixsocket knows no {@code TCP_NODELAY}; it stays as the process that accepted the connection has set it.
 */
final class ReceivedConnection extends CountedConnection {
    private final SocketChannel channel;
    private final DescriptorCopy descriptor;

    private ReceivedConnection(
            DescriptorCopy descriptor, SocketChannel channel, SocketAddress localAddress, SocketAddress remoteAddress) {
        super(channel, localAddress, remoteAddress);
        this.channel = channel;
        this.descriptor = descriptor;
    }

    /**
     * Takes over a descriptor.
     *
     * @throws IOException if it is no stream socket; it is the caller's then
     */
    static ReceivedConnection over(DescriptorCopy descriptor, SocketAddress localAddress, SocketAddress remoteAddress)
            throws IOException {
        SocketChannel channel = descriptor.channel();
        // The mode is the connection's and not the descriptor's: what the other process had set.
        channel.configureBlocking(true);
        return new ReceivedConnection(descriptor, channel, localAddress, remoteAddress);
    }

    @Override
    protected void release() throws IOException {
        // In this order: the channel shuts a descriptor down that is still there.
        try {
            descriptor.close();
        } finally {
            channel.close();
        }
    }
}
