package org.socketserver.mixins.forking.wire;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * One message as it was received.
 *
 * @param type what it is
 * @param number the request that it is about; 0 for none
 * @param payload its bytes; not shared
 */
public record Frame(FrameType type, long number, byte[] payload) {
    /** Opens the bytes for reading; the stream ends where the message ends. */
    public DataInputStream open() {
        return new DataInputStream(new ByteArrayInputStream(payload));
    }

    /** Returns the whole message as text. */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /**
     * Returns this frame if it has the wanted type.
     *
     * @throws ProtocolException if it has another
     */
    public Frame expect(FrameType wanted) throws ProtocolException {
        if (type != wanted) {
            throw new ProtocolException("a message " + type + " where " + wanted + " was expected");
        }
        return this;
    }
}
