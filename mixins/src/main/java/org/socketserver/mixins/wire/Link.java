package org.socketserver.mixins.wire;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.socketserver.api.spi.Connection;

/**
 * One end of the way between a parent and a worker: bytes, and where the platform can, connections.
 *
 * <p>Blocks. One thread at a time reads, one at a time writes; {@link #close()} may be called by any thread and wakes
 * both.
 */
public interface Link extends Closeable {
    /**
     * Reads what is there, at least one byte.
     *
     * @param target where the bytes go
     * @return bytes, or -1 at the end
     * @throws IOException if the other side is lost
     */
    int read(ByteBuffer target) throws IOException;

    /**
     * Writes all bytes.
     *
     * @param source the bytes
     * @throws IOException if the other side is lost
     */
    void write(ByteBuffer source) throws IOException;

    /**
     * Writes all bytes, and sends a connection with the first of them. The connection stays open here.
     *
     * @param source the bytes, at least one
     * @param connection the connection
     * @throws IOException if the other side is lost, or the connection can't be sent; nothing was written in the second
     *     case
     * @throws UnsupportedOperationException unless overridden
     */
    default void writeWith(ByteBuffer source, SocketChannel connection) throws IOException {
        throw new UnsupportedOperationException("this link carries bytes only");
    }

    /**
     * Returns the connection that came with bytes which were read.
     *
     * @param local its address on the server's side
     * @param remote that of its peer
     * @return the connection, owned by the caller
     * @throws IOException if none came
     */
    default Connection received(SocketAddress local, SocketAddress remote) throws IOException {
        throw new IOException("no connection came over a link that carries bytes only");
    }
}
