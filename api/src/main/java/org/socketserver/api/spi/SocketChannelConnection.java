package org.socketserver.api.spi;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/**
 * A connection over a blocking {@link SocketChannel} of any provider.
 *
 * <p>Owns the channel: closing the connection closes it. Transports extend this class with what else their channels can
 * do.
 */
public class SocketChannelConnection implements Connection {
    private final SocketChannel channel;
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;

    /**
     * Creates a connection.
     *
     * @param channel a connected channel in blocking mode; owned by the connection from now on
     * @param localAddress the server's address
     * @param remoteAddress the peer's address
     */
    public SocketChannelConnection(SocketChannel channel, SocketAddress localAddress, SocketAddress remoteAddress) {
        this.channel = Objects.requireNonNull(channel, "channel");
        this.localAddress = Objects.requireNonNull(localAddress, "localAddress");
        this.remoteAddress = Objects.requireNonNull(remoteAddress, "remoteAddress");
    }

    /**
     * Returns the channel, for subclasses. {@link #channel()} stays empty unless a subclass returns the channel there
     * too. A subclass that changes what is read or written, such as TLS, must not do so, because the bare channel could
     * then be passed to another process.
     *
     * @return the channel; still owned by this connection
     */
    protected final SocketChannel socketChannel() {
        return channel;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    @Override
    public void shutdownInput() throws IOException {
        channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public boolean nonBlocking() throws IOException {
        channel.configureBlocking(false);
        return true;
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
