package org.socketserver.mixins;

import java.io.Serial;
import java.net.ProtocolException;
import java.nio.charset.Charset;

/**
 * Thrown when a peer sends bytes that are malformed in the handler's charset, if the handler asks for the exception.
 */
public class MalformedTextException extends ProtocolException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The number of bytes before the first malformed one. */
    private final int offset;
    /** The number of malformed bytes there. */
    private final int length;

    /**
     * Creates the exception.
     *
     * @param charset the charset that the bytes should be in
     * @param offset the position of the first malformed bytes, in bytes from the start of the line or packet
     * @param length the number of malformed bytes there, at least 1
     */
    public MalformedTextException(Charset charset, int offset, int length) {
        super(length + (length == 1 ? " byte" : " bytes") + " at offset " + offset + (length == 1 ? " is" : " are")
                + " not " + charset.name());
        this.offset = offset;
        this.length = length;
    }

    /**
     * Returns the position of the first malformed bytes.
     *
     * @return bytes from the start of the line or packet
     */
    public int offset() {
        return offset;
    }

    /**
     * Returns the number of malformed bytes.
     *
     * @return bytes, at least 1
     */
    public int length() {
        return length;
    }
}
