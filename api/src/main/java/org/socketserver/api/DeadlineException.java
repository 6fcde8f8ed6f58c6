package org.socketserver.api;

import java.io.Serial;
import java.net.SocketTimeoutException;

/**
 * A wait on the peer lasted longer than allowed.
 *
 * <p>A handler that lets it pass ends its request with {@link RequestOutcome#TIMED_OUT}. The kinds say which wait it was.
 */
public abstract sealed class DeadlineException extends SocketTimeoutException
        permits ReadTimeoutException, WriteTimeoutException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which peer, which limit, in milliseconds
     */
    protected DeadlineException(String message) {
        super(message);
    }
}
