package org.socketserver.api;

import java.io.Serial;

/** A connection was quiet for too long: {@link Deadline#IDLE}. */
public final class IdleTimeoutException extends DeadlineException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    public IdleTimeoutException(String message) {
        super(Deadline.IDLE, message);
    }
}
