package org.socketserver.api;

import java.io.Serial;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/**
 * Thrown by a read or a write when a {@link Deadline} has passed. {@link #deadline} returns which one.
 *
 * <p>The request ends with {@link RequestOutcome#TIMED_OUT}, whether its handler catches this or not. {@link
 * BaseServer#handleError} is called only if it does not.
 */
public final class DeadlineException extends SocketTimeoutException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The deadline that has passed. */
    private final Deadline deadline;

    /**
     * Creates an exception.
     *
     * @param deadline the deadline that has passed
     * @param message the detail message
     */
    public DeadlineException(Deadline deadline, String message) {
        super(message);
        this.deadline = deadline;
    }

    /** Creates the exception of a client that has used up a limit in nanoseconds. */
    static DeadlineException of(Deadline deadline, SocketAddress client, long nanos) {
        String peer = AddressText.of(client);
        String time = TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
        String message = switch (deadline) {
            case FIRST_BYTE -> peer + " sent no first byte within " + time;
            case IDLE -> "the connection of " + peer + " was quiet for " + time;
            case READ -> peer + " sent nothing for " + time;
            case WRITE -> peer + " took no output for " + time;
            case REQUEST -> "the request of " + peer + " took longer than " + time;
            case AGE -> "the connection of " + peer + " has reached its age of " + time;
        };
        return new DeadlineException(deadline, message);
    }

    /**
     * Returns the deadline that has passed.
     *
     * @return the deadline
     */
    public Deadline deadline() {
        return deadline;
    }
}
