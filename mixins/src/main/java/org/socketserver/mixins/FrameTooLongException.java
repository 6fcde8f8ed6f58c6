package org.socketserver.mixins;

import java.io.Serial;
import java.net.ProtocolException;

/** A peer announced a frame that is longer than the handler takes. Its prefix was read, the frame was not. */
public class FrameTooLongException extends ProtocolException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Bytes that the peer announced. */
    private final long length;
    /** Bytes that a frame may have. */
    private final int limit;

    /**
     * Makes one.
     *
     * @param length bytes that the frame has, without its prefix
     * @param limit bytes that a frame may have, without its prefix
     */
    public FrameTooLongException(long length, int limit) {
        super("a frame of " + length + " bytes is longer than " + limit + " bytes");
        this.length = length;
        this.limit = limit;
    }

    /**
     * Returns the length of the frame that the peer has announced.
     *
     * @return bytes without the prefix, at most 4,294,967,295; so many must be skipped to come to the next frame
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
