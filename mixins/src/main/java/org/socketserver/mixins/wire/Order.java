package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The first order to a worker.
 *
 * @param control the socket of the parent
 * @param secret what the worker has to show there
 * @param descriptors true if connections will come as descriptors
 */
public record Order(Path control, long secret, boolean descriptors) {
    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeUTF(control.toString());
        output.writeLong(secret);
        output.writeBoolean(descriptors);
    }

    /**
     * Reads it.
     *
     * @param input where from
     * @return the order
     * @throws IOException if it is none
     */
    public static Order read(DataInputStream input) throws IOException {
        return new Order(Path.of(input.readUTF()), input.readLong(), input.readBoolean());
    }
}
