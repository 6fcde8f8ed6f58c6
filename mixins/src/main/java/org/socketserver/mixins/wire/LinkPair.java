package org.socketserver.mixins.wire;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.socketserver.api.spi.Connection;

/**
 * Two links to the same process, one for each direction.
 *
 * <p>With a single socket, who waits for something to read is woken for nothing each time the other side takes what was
 * sent before: Linux tells all who sleep at a Unix-domain socket that it has room again.
 */
public final class LinkPair implements Link {
    private final Link in;
    private final Link out;

    /**
     * Takes over two links.
     *
     * @param in only read from now on
     * @param out only written from now on
     */
    public LinkPair(Link in, Link out) {
        this.in = in;
        this.out = out;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return in.read(target);
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
        out.write(source);
    }

    @Override
    public void writeWith(ByteBuffer source, SocketChannel connection) throws IOException {
        out.writeWith(source, connection);
    }

    @Override
    public Connection received(SocketAddress local, SocketAddress remote) throws IOException {
        return in.received(local, remote);
    }

    @Override
    public void close() throws IOException {
        try {
            out.close();
        } finally {
            in.close();
        }
    }
}
