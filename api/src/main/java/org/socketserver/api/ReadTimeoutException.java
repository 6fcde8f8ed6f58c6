package org.socketserver.api;

import java.io.Serial;

/** A read waited for too long: {@link Deadline#READ}. */
public final class ReadTimeoutException extends DeadlineException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    public ReadTimeoutException(String message) {
        super(Deadline.READ, message);
    }
}
