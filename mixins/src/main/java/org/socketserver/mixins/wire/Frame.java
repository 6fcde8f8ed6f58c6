package org.socketserver.mixins.wire;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * One message as it was received.
 *
 * @param type what it is
 * @param payload its bytes; not shared
 */
public record Frame(FrameType type, byte[] payload) {
    /**
     * Opens the bytes for reading.
     *
     * @return a stream that ends where the message ends
     */
    public DataInputStream open() {
        return new DataInputStream(new ByteArrayInputStream(payload));
    }

    /**
     * Reads the message as a text.
     *
     * @return all of it
     */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /**
     * Insists on a type.
     *
     * @param wanted the type
     * @return this
     * @throws ProtocolException if it is another
     */
    public Frame expect(FrameType wanted) throws ProtocolException {
        if (type != wanted) {
            throw new ProtocolException("a message " + type + " where " + wanted + " had to come");
        }
        return this;
    }
}
