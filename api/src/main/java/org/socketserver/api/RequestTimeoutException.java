package org.socketserver.api;

import java.io.Serial;

/** A request took too long: {@link Deadline#REQUEST}. */
public final class RequestTimeoutException extends DeadlineException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    public RequestTimeoutException(String message) {
        super(Deadline.REQUEST, message);
    }
}
