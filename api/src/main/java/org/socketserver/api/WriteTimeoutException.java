package org.socketserver.api;

import java.io.Serial;

/** A write made no progress for longer than its limit because the peer does not read. The connection is closed. */
public final class WriteTimeoutException extends DeadlineException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    public WriteTimeoutException(String message) {
        super(message);
    }
}
