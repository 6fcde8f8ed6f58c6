package org.socketserver.api.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.socketserver.api.spi.Connection;

/** An in-memory connection, with failures that sockets do not produce on demand. */
class MemoryConnection implements Connection {
    static final SocketAddress SERVER = InetSocketAddress.createUnresolved("memory", 1);
    static final SocketAddress CLIENT = InetSocketAddress.createUnresolved("client", 2);

    final MemoryPipe toServer = new MemoryPipe(1 << 20);
    final MemoryPipe toClient;
    volatile IOException readFailure;
    volatile IOException writeFailure;
    volatile boolean outputEnded;
    volatile boolean noDelay;
    volatile int writes;
    private volatile boolean open = true;

    MemoryConnection() {
        this(1 << 20);
    }

    MemoryConnection(int clientCapacity) {
        toClient = new MemoryPipe(clientCapacity);
    }

    MemoryConnection sends(String text) throws IOException {
        toServer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    MemoryConnection ends() {
        toServer.end();
        return this;
    }

    String receives(int count) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(count);
        while (target.hasRemaining() && toClient.read(target) >= 0) {
            continue;
        }
        return new String(target.array(), 0, target.position(), StandardCharsets.UTF_8);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (readFailure != null) {
            throw readFailure;
        }
        return toServer.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        writes++;
        if (writeFailure != null) {
            throw writeFailure;
        }
        return toClient.write(source);
    }

    @Override
    public void shutdownInput() {
        toServer.end();
    }

    @Override
    public void shutdownOutput() {
        outputEnded = true;
        toClient.end();
    }

    @Override
    public void noDelay(boolean newNoDelay) {
        noDelay = newNoDelay;
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return type == String.class ? Optional.of(type.cast("a fact")) : Optional.empty();
    }

    @Override
    public SocketAddress localAddress() {
        return SERVER;
    }

    @Override
    public SocketAddress remoteAddress() {
        return CLIENT;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
        toServer.close();
        toClient.end();
        toClient.close();
    }
}
