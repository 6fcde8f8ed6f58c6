package org.socketserver.mixins;

import java.io.Serial;
import java.net.ProtocolException;

/**
 * Thrown when the input ends in the middle of a frame. The bytes of the frame that have arrived are dropped. The peer
 * may still be reading.
 */
public class TruncatedFrameException extends ProtocolException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param part the incomplete part: the frame or its prefix
     * @param received bytes of that part that have arrived
     * @param expected bytes that the part has
     */
    public TruncatedFrameException(String part, int received, int expected) {
        super("the input ended in a " + part + " after " + received + " of " + expected + " bytes");
    }
}
