package org.socketserver.mixins;

import java.io.Serial;
import java.net.ProtocolException;

/** Thrown when a peer sends a line that is longer than the handler accepts. The rest of the line has not been read. */
public class LineTooLongException extends ProtocolException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param limit the maximum length, in bytes without the line end
     */
    public LineTooLongException(int limit) {
        super("a line is longer than " + limit + " bytes");
    }
}
