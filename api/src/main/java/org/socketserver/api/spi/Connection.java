package org.socketserver.api.spi;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * What a stream transport gives for each accepted connection; {@link org.socketserver.api.server.ConnectionRequest}
 * makes a request of it.
 *
 * <p>This is the seam where an in-memory transport, TLS over another connection, or a native transport is put in.
 * Handlers never see it.
 *
 * <p><b>Threads.</b> Reads and writes block. At most one thread reads and one writes at a time. {@link #close()} and
 * {@link #shutdownInput()} are called by other threads to wake a blocked read, which must then return -1 or throw
 * without delay; {@code close} must also wake a blocked write.
 */
public interface Connection extends ByteChannel {
    /**
     * Ends the input: a read that waits, and every later one, returns -1.
     *
     * @throws IOException if the connection is lost
     */
    void shutdownInput() throws IOException;

    /**
     * Ends the output: the peer reads the end of input after what was written.
     *
     * @throws IOException if the connection is lost
     */
    void shutdownOutput() throws IOException;

    /**
     * Makes reads and writes wait no more: a read gives 0 when nothing is there, a write takes what fits. Called at
     * most when a connection is about to be closed, while nobody reads or writes.
     *
     * @return true if they don't wait from now on; false, unless overridden, if this connection can't do that: it is
     *     closed at once then, which may cost the peer the last bytes if it is still sending
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
     * Returns a transport-specific fact: see {@link org.socketserver.api.StreamRequest#attribute}.
     *
     * @param <T> type of the fact
     * @param type class of the fact
     * @return empty unless overridden
     */
    default <T> Optional<T> attribute(Class<T> type) {
        return Optional.empty();
    }

    /**
     * Returns whether everything that the peer has sent is read, so that a plain close can't cost it the last answer.
     *
     * @return true if that is certain; false unless overridden, and where it is not known
     */
    default boolean isAllRead() {
        return false;
    }

    /**
     * Returns the underlying channel, for a mix-in that hands the connection to another process.
     *
     * @return the channel, still owned by this connection; empty unless overridden
     */
    default Optional<SocketChannel> channel() {
        return Optional.empty();
    }

    /**
     * Releases this process's hold of the connection and leaves the connection itself alone, because another process
     * has it: the peer notices nothing. Called instead of {@link #close()}, while nobody reads or writes.
     *
     * <p>Closes, unless overridden. For a channel of the JDK in blocking mode that is right: it is released without a
     * shutdown.
     *
     * @throws IOException if that fails
     */
    default void detach() throws IOException {
        close();
    }
}
