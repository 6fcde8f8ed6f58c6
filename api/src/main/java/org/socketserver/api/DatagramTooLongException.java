package org.socketserver.api;

import java.io.IOException;
import java.io.Serial;

/** A reply was longer than one packet of its transport can be; nothing was sent. */
public class DatagramTooLongException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param size bytes of the reply
     * @param limit bytes that one packet can hold
     */
    public DatagramTooLongException(int size, int limit) {
        super("a reply of " + size + " bytes does not fit one packet, which holds at most " + limit + " bytes");
    }
}
