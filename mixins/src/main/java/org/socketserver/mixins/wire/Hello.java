package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;

/**
 * What a worker says first on each of its links: that it speaks this protocol, and that it is the one that was started.
 *
 * @param secret what it was told by its parent
 * @param pid its process id
 * @param reads true for the link that the worker reads, false for the one that it writes
 */
public record Hello(long secret, long pid, boolean reads) {
    private static final int MAGIC = 0x53_53_57_4b;

    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeInt(MAGIC);
        output.writeByte(ControlChannel.VERSION);
        output.writeLong(secret);
        output.writeLong(pid);
        output.writeBoolean(reads);
    }

    /**
     * Reads it.
     *
     * @param input where from
     * @return the message
     * @throws ProtocolException if it is of another protocol or version
     * @throws IOException if it is too short
     */
    public static Hello read(DataInputStream input) throws IOException {
        int magic = input.readInt();
        if (magic != MAGIC) {
            throw new ProtocolException("begins with " + Integer.toHexString(magic) + ", so it is no worker");
        }
        int version = input.readUnsignedByte();
        if (version != ControlChannel.VERSION) {
            throw new ProtocolException("speaks version " + version + " of the protocol, this is "
                    + ControlChannel.VERSION + "; are there two releases on the class path?");
        }
        return new Hello(input.readLong(), input.readLong(), input.readBoolean());
    }
}
