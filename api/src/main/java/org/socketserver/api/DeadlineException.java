package org.socketserver.api;

import java.io.Serial;
import java.net.SocketTimeoutException;

/**
 * Thrown by a read or a write when a {@link Deadline} has passed. The method {@link #deadline} returns which one.
 *
 * <p>The request ends with {@link RequestOutcome#TIMED_OUT}, whether its handler catches this or not. {@link
 * org.socketserver.api.server.BaseServer#handleError} is called only if it does not.
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

    /**
     * Returns the deadline that has passed.
     *
     * @return the deadline
     */
    public Deadline deadline() {
        return deadline;
    }
}
