package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import org.socketserver.api.ServerOptions;

/**
 * What a worker is to serve.
 *
 * @param handlerClass name of the handler's class
 * @param serverName name of the server
 * @param transport name of its transport
 * @param address its address
 * @param options its options; the limits are the parent's business and not among them
 */
public record Setup(
        String handlerClass, String serverName, String transport, SocketAddress address, ServerOptions options) {
    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeUTF(handlerClass);
        output.writeUTF(serverName);
        output.writeUTF(transport);
        PortableValues.write(output, address);
        OptionsFormat.write(output, options);
    }

    /**
     * Reads it.
     *
     * @param input where from
     * @return the message
     * @throws IOException if it is none
     */
    public static Setup read(DataInputStream input) throws IOException {
        return new Setup(
                input.readUTF(),
                input.readUTF(),
                input.readUTF(),
                Assignment.readAddress(input),
                OptionsFormat.read(input));
    }
}
