package org.socketserver.mixins;

import java.io.Serial;
import java.net.ProtocolException;
import java.nio.charset.Charset;

/** A peer sent bytes that are no text in the handler's charset, and the handler asked to be told. */
public class MalformedTextException extends ProtocolException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Bytes before the first malformed one. */
    private final int offset;
    /** Malformed bytes there. */
    private final int length;

    /**
     * Makes one.
     *
     * @param charset what the bytes should be
     * @param offset where the first bytes that are not begin, in bytes from the start of the line or packet
     * @param length how many bytes that is, at least 1
     */
    public MalformedTextException(Charset charset, int offset, int length) {
        super(length + (length == 1 ? " byte" : " bytes") + " at offset " + offset + (length == 1 ? " is" : " are")
                + " not " + charset.name());
        this.offset = offset;
        this.length = length;
    }

    /**
     * Returns where the malformed bytes begin.
     *
     * @return bytes from the start of the line or packet; the first such place
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
