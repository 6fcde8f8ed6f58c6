package org.socketserver.mixins.worker;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.socketserver.api.spi.Connection;

/** A connection together with the facts that the parent has told of its peer. */
final class PeerConnection implements Connection {
    private final Connection connection;
    private final List<Object> facts;

    PeerConnection(Connection connection, List<Object> facts) {
        this.connection = connection;
        this.facts = facts;
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return facts.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return connection.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return connection.write(source);
    }

    @Override
    public void shutdownInput() throws IOException {
        connection.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        connection.shutdownOutput();
    }

    @Override
    public boolean isAllRead() {
        return connection.isAllRead();
    }

    @Override
    public boolean nonBlocking() throws IOException {
        return connection.nonBlocking();
    }

    @Override
    public SocketAddress localAddress() {
        return connection.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return connection.remoteAddress();
    }

    @Override
    public void noDelay(boolean noDelay) throws IOException {
        connection.noDelay(noDelay);
    }

    @Override
    public boolean isOpen() {
        return connection.isOpen();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
