package org.socketserver.api;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A connection.
 *
 * <p><b>Deadlines.</b> A read or a write that waits for longer than a {@link Deadline} allows throws a {@link
 * DeadlineException}. After the deadline of a read, the output still works, so that the handler can send a last
 * message. Deadlines apply on every transport and every kind of thread.
 *
 * <p>A client that is sending at the moment when a deadline or a stop ends the input may see a reset instead of the
 * end, and lose what it has not read yet. This is how the kernel answers bytes for an input that is shut down.
 *
 * <p><b>Disconnects.</b> When the peer has disconnected, reads and writes throw {@link DisconnectedException}.
 */
public interface StreamRequest extends Request {
    /**
     * Ends the output, so that the peer reads the end of input. The input stays open (half-close).
     *
     * @throws IOException if the connection is lost
     */
    void shutdownOutput() throws IOException;

    /**
     * Returns the time of a deadline of this connection.
     *
     * @param deadline the deadline
     * @return the time; zero for no limit; for {@link Deadline#AGE} with the jitter of this connection
     */
    Duration deadline(Deadline deadline);

    /**
     * Sets a deadline of this connection. It also applies to a read or write that is already waiting.
     *
     * @param deadline the deadline; not {@link Deadline#REQUEST} or {@link Deadline#AGE}, which only the server's
     *     options set
     * @param time the time, to the millisecond; zero for no limit
     * @throws IllegalArgumentException if negative, or between zero and 1 ms, or for {@link Deadline#REQUEST} and
     *     {@link Deadline#AGE}
     */
    void deadline(Deadline deadline, Duration time);

    /**
     * Reports how many bytes of this client's input are buffered outside the connection, for base classes of handlers
     * that read ahead or collect a message. Called before a buffer of more than 256 bytes is allocated, with the new
     * sum of all such buffers, and when the sum becomes smaller. May wait for up to 1 s until other connections have
     * released theirs. The end of the request releases everything.
     *
     * <p>Must not be called by two threads at the same time.
     *
     * @param bytes the new sum
     * @throws IOException if the bytes are beyond the budget of the JVM, or the request was ended for another reason;
     *     the connection is closed: see {@link org.socketserver.api.server.ClientMemory}
     * @throws IllegalArgumentException if negative
     */
    void buffered(long bytes) throws IOException;

    /**
     * Sets whether small writes are sent at once or gathered by the kernel: {@code TCP_NODELAY}.
     *
     * <p>Has no effect on transports that do not gather writes, such as Unix sockets.
     *
     * @param noDelay true to send at once
     * @throws IOException if the connection is lost
     */
    void noDelay(boolean noDelay) throws IOException;

    /**
     * Returns an attribute that only some transports have, such as the peer credentials of a Unix socket.
     *
     * @param <T> type of the attribute
     * @param type class of the attribute
     * @return the attribute; empty if this connection has none of that type
     */
    <T> Optional<T> attribute(Class<T> type);
}
