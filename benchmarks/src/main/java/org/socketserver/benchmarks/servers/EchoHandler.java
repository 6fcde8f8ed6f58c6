package org.socketserver.benchmarks.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;

/**
 * Sends back its input. A public class, so that worker processes can load it; a system property sets its buffer size.
 */
public final class EchoHandler implements RequestHandler<StreamRequest> {
    /** Name of the system property with the buffer size in bytes. */
    static final String BUFFER = "benchmarks.buffer";

    /** Called by the server for each connection. */
    public EchoHandler() {}

    @Override
    public void handle(StreamRequest request) throws IOException {
        InputStream input = request.input();
        OutputStream output = request.output();
        byte[] buffer = new byte[Integer.getInteger(BUFFER, 8192)];
        for (int count = input.read(buffer); count > 0; count = input.read(buffer)) {
            output.write(buffer, 0, count);
        }
    }
}
