package org.socketserver.benchmarks.micro;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.socketserver.api.spi.Connection;

/** An in-memory connection with an endless input of the same line; each read gets as many bytes as it asks for. */
final class EndlessLines implements Connection {
    private static final SocketAddress SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7);
    private static final SocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);

    private final byte[] text;
    private int position;

    /** Creates a connection whose lines have {@code bytes} bytes, including the line end. */
    EndlessLines(int bytes) {
        text = ("x".repeat(bytes - 1) + '\n').repeat(65_536 / bytes + 1).getBytes(StandardCharsets.US_ASCII);
    }

    /** Restarts the input at the beginning of a line. */
    void rewind() {
        position = 0;
    }

    int read(byte[] target, int offset, int length) {
        int count = Math.min(length, text.length - position);
        System.arraycopy(text, position, target, offset, count);
        position = position + count == text.length ? 0 : position + count;
        return count;
    }

    @Override
    public int read(ByteBuffer target) {
        int count = read(target.array(), target.arrayOffset() + target.position(), target.remaining());
        target.position(target.position() + count);
        return count;
    }

    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        source.position(source.limit());
        return count;
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
    public void shutdownInput() {}

    @Override
    public void shutdownOutput() {}

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
