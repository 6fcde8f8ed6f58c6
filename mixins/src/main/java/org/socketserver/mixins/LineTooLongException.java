package org.socketserver.mixins;

import java.io.Serial;
import java.net.ProtocolException;

/** A peer sent a line that is longer than the handler takes. The rest of the line was not read. */
public class LineTooLongException extends ProtocolException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param limit bytes that a line may have, without its end
     */
    public LineTooLongException(int limit) {
        super("a line is longer than " + limit + " bytes");
    }
}
