package org.socketserver.benchmarks.servers;

import java.io.IOException;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.RequestHandler;

/** Sends each packet back. */
public final class PacketHandler implements RequestHandler<DatagramRequest> {
    /** Called by the server for each packet. */
    public PacketHandler() {}

    @Override
    public void handle(DatagramRequest request) throws IOException {
        request.output().write(request.data());
    }
}
