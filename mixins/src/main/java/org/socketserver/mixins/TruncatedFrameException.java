package org.socketserver.mixins;

import java.io.Serial;
import java.net.ProtocolException;

/**
 * A peer ended its output in the middle of a frame. What had come of the frame is dropped; there is no more input, and
 * the peer may still be reading.
 */
public class TruncatedFrameException extends ProtocolException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param part what is incomplete: the frame or its prefix
     * @param received bytes of it that came
     * @param expected bytes that it has
     */
    public TruncatedFrameException(String part, int received, int expected) {
        super("the input ended in a " + part + " after " + received + " of " + expected + " bytes");
    }
}
