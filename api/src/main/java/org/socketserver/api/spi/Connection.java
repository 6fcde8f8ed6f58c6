package org.socketserver.api.spi;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * An accepted connection of a stream transport. A {@link org.socketserver.api.server.ConnectionRequest} turns it into a
 * request.
 *
 * <p>Implement this interface for an in-memory transport, TLS over another connection, or a native transport. Handlers
 * never see it.
 *
 * <p><b>Threads.</b> Reads and writes block. At most one thread reads and one writes at a time. {@link #close()} and
 * {@link #shutdownInput()} are called by other threads to wake a blocked read, which must then return -1 or throw at
 * once. {@code close} must also wake a blocked write.
 */
public interface Connection extends ByteChannel {
    /**
     * Ends the input: a waiting read and every later read return -1.
     *
     * @throws IOException if the connection is lost
     */
    void shutdownInput() throws IOException;

    /**
     * Ends the output, so that the peer reads the end of input after what was written.
     *
     * @throws IOException if the connection is lost
     */
    void shutdownOutput() throws IOException;

    /**
     * Makes reads and writes non-blocking: a read returns 0 if no bytes have arrived, and a write writes what fits.
     * Called only before a connection is closed, while no thread reads or writes.
     *
     * @return true if they are non-blocking from now on; false unless overridden. The connection is then closed at
     *     once, so a peer that is still sending may lose the last bytes.
     * @throws IOException if the connection is lost
     */
    default boolean nonBlocking() throws IOException {
        return false;
    }

    /**
     * Returns the server's address at which the connection was accepted.
     *
     * @return the local address
     */
    SocketAddress localAddress();

    /**
     * Returns the address of the peer.
     *
     * @return the peer's address
     */
    SocketAddress remoteAddress();

    /**
     * Sets {@code TCP_NODELAY}; does nothing unless overridden.
     *
     * @param noDelay true to send small writes at once
     * @throws IOException if the connection is lost
     */
    default void noDelay(boolean noDelay) throws IOException {}

    /**
     * Returns an attribute of the transport: see {@link org.socketserver.api.StreamRequest#attribute}.
     *
     * @param <T> type of the attribute
     * @param type class of the attribute
     * @return empty unless overridden
     */
    default <T> Optional<T> attribute(Class<T> type) {
        return Optional.empty();
    }

    /**
     * Returns whether everything that the peer has sent was read. If so, closing the connection can't destroy the last
     * answer.
     *
     * @return true if that is certain; false unless overridden
     */
    default boolean isAllRead() {
        return false;
    }

    /**
     * Returns the underlying channel, for a mix-in that passes the connection to another process.
     *
     * @return the channel, still owned by this connection; empty unless overridden
     */
    default Optional<SocketChannel> channel() {
        return Optional.empty();
    }

    /**
     * Releases the connection in this process without ending it, because another process has it. The peer notices
     * nothing. Called instead of {@link #close()}, while no thread reads or writes.
     *
     * <p>Closes the connection unless overridden. This is correct for a channel of the JDK in blocking mode, which is
     * released without a shutdown.
     *
     * @throws IOException if the connection can't be released
     */
    default void detach() throws IOException {
        close();
    }
}
