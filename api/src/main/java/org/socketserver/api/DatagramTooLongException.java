package org.socketserver.api;

import java.io.IOException;
import java.io.Serial;

/** A reply was longer than one packet of its transport can be; nothing was sent. */
public class DatagramTooLongException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Bytes of the reply. */
    private final int size;
    /** Bytes that one packet can hold. */
    private final int limit;

    /**
     * Makes one.
     *
     * @param size bytes of the reply
     * @param limit bytes that one packet can hold
     */
    public DatagramTooLongException(int size, int limit) {
        super("a reply of " + size + " bytes does not fit one packet, which holds at most " + limit + " bytes");
        this.size = size;
        this.limit = limit;
    }

    /**
     * Returns the length of the reply.
     *
     * @return bytes
     */
    public int size() {
        return size;
    }

    /**
     * Returns the maximum length.
     *
     * @return bytes
     */
    public int limit() {
        return limit;
    }
}
