package org.socketserver.api;

import java.io.Serial;

/** A connection became too old: {@link Deadline#AGE}. */
public final class ConnectionAgeException extends DeadlineException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    public ConnectionAgeException(String message) {
        super(Deadline.AGE, message);
    }
}
