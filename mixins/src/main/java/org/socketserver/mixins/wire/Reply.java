package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What became of a packet that the parent sent for a worker.
 *
 * @param number the request
 * @param failure why it could not be sent; null if it was
 */
public record Reply(long number, @Nullable Exception failure) {
    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeLong(number);
        output.writeBoolean(failure != null);
        if (failure != null) {
            FailureFormat.write(output, failure);
        }
    }

    /**
     * Reads it.
     *
     * @param input where from
     * @return the message
     * @throws IOException if it is none
     */
    public static Reply read(DataInputStream input) throws IOException {
        return new Reply(input.readLong(), input.readBoolean() ? FailureFormat.read(input) : null);
    }
}
