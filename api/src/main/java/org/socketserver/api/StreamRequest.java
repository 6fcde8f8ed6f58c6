package org.socketserver.api;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A connection: bytes both ways until somebody ends it.
 *
 * <p><b>Deadlines.</b> A read or a write that waits for longer than a {@link Deadline} allows throws the exception of
 * that deadline. After a read's, the output still works, so the handler can say why it leaves. They hold on every
 * transport and every kind of thread, and cost nothing per read or write.
 *
 * <p>A peer that is sending in the very moment in which a deadline or a stop ends the input may read a reset instead of
 * the end, and lose what it has not read yet: the kernel has no other answer to bytes for an input that is shut down.
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
     * Returns one of the deadlines of this connection.
     *
     * @param deadline which one
     * @return the time, zero for no limit; for {@link Deadline#AGE} that of this very connection
     */
    Duration deadline(Deadline deadline);

    /**
     * Sets one of the times that this connection may take; holds for a read or write that waits already.
     *
     * @param deadline which one; the time of the whole request and the age are the server's to set
     * @param time the time, to the millisecond; zero for no limit
     * @throws IllegalArgumentException if negative, or between zero and 1 ms, or for {@link Deadline#REQUEST} and
     *     {@link Deadline#AGE}
     */
    void deadline(Deadline deadline, Duration time);

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
