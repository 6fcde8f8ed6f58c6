package org.socketserver.api;

import java.io.Serial;

/** A connection sent nothing at all for too long: {@link Deadline#FIRST_BYTE}. */
public final class FirstByteTimeoutException extends DeadlineException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    public FirstByteTimeoutException(String message) {
        super(Deadline.FIRST_BYTE, message);
    }
}
