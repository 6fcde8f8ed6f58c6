package org.socketserver.api;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A connection: bytes both ways until somebody ends it.
 *
 * <p><b>Deadlines.</b> A read that waits longer than {@link #readTimeout()} throws {@link ReadTimeoutException}; the
 * input is over then, the output still works, so the handler can say why it leaves. A write that makes no progress for
 * longer than {@link #writeTimeout()} throws {@link WriteTimeoutException}, and the connection is closed. Both hold on
 * every transport and every kind of thread. They cost nothing per read or write: one thread looks after all connections
 * and fires not before the time, and up to an eighth of it (at least 1 ms, at most 250 ms) after.
 *
 * <p><b>Disconnects.</b> When the peer has gone, reads and writes throw {@link DisconnectedException}.
 */
public interface StreamRequest extends Request {
    /**
     * Ends the output, so that the peer reads the end of input; the input stays open (half-close).
     *
     * @throws IOException if the connection is lost
     */
    void shutdownOutput() throws IOException;

    /**
     * Tells how long one read may wait.
     *
     * @return the time, zero for no limit
     */
    Duration readTimeout();

    /**
     * Sets how long one read may wait; holds for a read that waits already.
     *
     * @param timeout the time; zero for no limit
     * @throws IllegalArgumentException if negative
     */
    void readTimeout(Duration timeout);

    /**
     * Tells how long one write may make no progress.
     *
     * @return the time, zero for no limit
     */
    Duration writeTimeout();

    /**
     * Sets how long one write may make no progress; holds for a write that waits already.
     *
     * @param timeout the time; zero for no limit
     * @throws IllegalArgumentException if negative
     */
    void writeTimeout(Duration timeout);

    /**
     * Sends small writes at once (true) or lets the kernel gather them (false): {@code TCP_NODELAY}.
     *
     * <p>Has no meaning and no effect where the transport gathers nothing, such as Unix sockets.
     *
     * @param noDelay true to send at once
     * @throws IOException if the connection is lost
     */
    void noDelay(boolean noDelay) throws IOException;

    /**
     * Asks for a fact that only some transports know, such as the peer credentials of a Unix socket.
     *
     * @param <T> type of the fact
     * @param type class of the fact
     * @return the fact, or empty where the transport has none of that type
     */
    <T> Optional<T> attribute(Class<T> type);
}
