package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.InvalidPathException;
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
        String control = input.readUTF();
        try {
            return new Order(Path.of(control), input.readLong(), input.readBoolean());
        } catch (InvalidPathException noPath) {
            throw new ProtocolException("the path of a socket: " + noPath.getMessage());
        }
    }
}
