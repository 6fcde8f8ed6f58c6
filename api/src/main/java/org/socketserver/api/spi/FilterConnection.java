package org.socketserver.api.spi;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;

/**
 * A connection over another one, to which it passes everything on: the base class for the connections of a {@link
 * Layer}, which override what they change. A layer that changes the bytes must override {@link #read}, {@link #write},
 * {@link #shutdownOutput}, {@link #isAllRead}, {@link #nonBlocking} and {@link #channel}.
 */
public class FilterConnection implements Connection {
    /** The connection below, closed with this one. */
    protected final Connection below;

    /**
     * Creates a connection over another one.
     *
     * @param below the connection below; owned by this one
     */
    protected FilterConnection(Connection below) {
        this.below = Objects.requireNonNull(below, "below");
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return below.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return below.write(source);
    }

    @Override
    public void shutdownInput() throws IOException {
        below.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        below.shutdownOutput();
    }

    @Override
    public boolean nonBlocking() throws IOException {
        return below.nonBlocking();
    }

    @Override
    public SocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return below.remoteAddress();
    }

    @Override
    public void noDelay(boolean noDelay) throws IOException {
        below.noDelay(noDelay);
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return below.attribute(type);
    }

    @Override
    public boolean isAllRead() {
        return below.isAllRead();
    }

    @Override
    public Optional<SocketChannel> channel() {
        return below.channel();
    }

    @Override
    public void detach() throws IOException {
        below.detach();
    }

    @Override
    public boolean isOpen() {
        return below.isOpen();
    }

    @Override
    public void close() throws IOException {
        below.close();
    }
}
