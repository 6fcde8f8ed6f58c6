package org.socketserver.api;

import java.io.Serial;
import java.net.SocketTimeoutException;

/**
 * A {@link Deadline} was over.
 *
 * <p>Its request ends with {@link RequestOutcome#TIMED_OUT}, whether the handler lets it pass or answers it; {@link
 * BaseServer#handleError} hears only of one that was let pass. There is one kind for each deadline.
 */
public abstract sealed class DeadlineException extends SocketTimeoutException
        permits FirstByteTimeoutException,
                IdleTimeoutException,
                ReadTimeoutException,
                WriteTimeoutException,
                RequestTimeoutException,
                ConnectionAgeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Which deadline was over. */
    private final Deadline deadline;

    /**
     * Makes one.
     *
     * @param deadline which deadline was over
     * @param message which peer, which limit, in milliseconds
     */
    protected DeadlineException(Deadline deadline, String message) {
        super(message);
        this.deadline = deadline;
    }

    /**
     * Tells which deadline was over.
     *
     * @return the deadline
     */
    public final Deadline deadline() {
        return deadline;
    }
}
