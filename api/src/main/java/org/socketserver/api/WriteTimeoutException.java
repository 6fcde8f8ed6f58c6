package org.socketserver.api;

import java.io.Serial;

/** A write made no progress for too long: {@link Deadline#WRITE}. */
public final class WriteTimeoutException extends DeadlineException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    public WriteTimeoutException(String message) {
        super(Deadline.WRITE, message);
    }
}
