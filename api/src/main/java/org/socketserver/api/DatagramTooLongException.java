package org.socketserver.api;

import java.io.IOException;
import java.io.Serial;

/** Thrown when a reply is longer than a packet of its transport can be. Nothing was sent. */
public class DatagramTooLongException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Bytes of the reply. */
    private final int size;
    /** Bytes that one packet can hold. */
    private final int limit;

    /**
     * Creates an exception.
     *
     * @param size length of the reply in bytes
     * @param limit maximum length of a packet in bytes
     */
    public DatagramTooLongException(int size, int limit) {
        super("a reply of " + size + " bytes does not fit one packet, which holds at most " + limit + " bytes");
        this.size = size;
        this.limit = limit;
    }

    /**
     * Returns the length of the reply.
     *
     * @return the length in bytes
     */
    public int size() {
        return size;
    }

    /**
     * Returns the maximum length of a packet.
     *
     * @return the maximum in bytes
     */
    public int limit() {
        return limit;
    }
}
