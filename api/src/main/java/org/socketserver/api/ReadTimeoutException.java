package org.socketserver.api;

import java.io.Serial;

/** A read waited longer than its limit for the peer to send. The output still works. */
public final class ReadTimeoutException extends DeadlineException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    public ReadTimeoutException(String message) {
        super(message);
    }
}
