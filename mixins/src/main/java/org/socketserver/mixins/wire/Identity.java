package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * Who a server is.
 *
 * @param name its name
 * @param address its address
 */
public record Identity(String name, SocketAddress address) {
    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeUTF(name);
        PortableValues.write(output, address);
    }

    /**
     * Reads it.
     *
     * @param input where from
     * @return the message
     * @throws IOException if it is none
     */
    public static Identity read(DataInputStream input) throws IOException {
        return new Identity(input.readUTF(), Assignment.readAddress(input));
    }
}
