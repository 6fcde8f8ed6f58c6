package org.socketserver.mixins;

import java.io.Serial;
import java.net.ProtocolException;

/**
 * Thrown when a peer announces a frame that is longer than the handler accepts. The prefix has been read, the frame has
 * not.
 */
public class FrameTooLongException extends ProtocolException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The length that the peer announced, in bytes. */
    private final long length;
    /** The maximum length, in bytes. */
    private final int limit;

    /**
     * Creates the exception.
     *
     * @param length the length of the frame, in bytes without the prefix
     * @param limit the maximum length, in bytes without the prefix
     */
    public FrameTooLongException(long length, int limit) {
        super("a frame of " + length + " bytes is longer than " + limit + " bytes");
        this.length = length;
        this.limit = limit;
    }

    /**
     * Returns the length of the frame that the peer has announced.
     *
     * @return bytes without the prefix, at most 4,294,967,295; the next frame starts after that many bytes
     */
    public long length() {
        return length;
    }

    /**
     * Returns the maximum length.
     *
     * @return bytes without the prefix
     */
    public int limit() {
        return limit;
    }
}
