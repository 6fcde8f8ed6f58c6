package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.socketserver.api.ServerOptions;

/**
 * What a worker is to serve.
 *
 * @param handlerClass name of the handler's class
 * @param transport name of its transport
 * @param server who it is; its address is the one that was asked for if it is not bound yet
 * @param options its options; the limits are the parent's business and not among them
 */
public record Setup(String handlerClass, String transport, Identity server, ServerOptions options) {
    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeUTF(handlerClass);
        output.writeUTF(transport);
        server.writeTo(output);
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
        return new Setup(input.readUTF(), input.readUTF(), Identity.read(input), OptionsFormat.read(input));
    }
}
