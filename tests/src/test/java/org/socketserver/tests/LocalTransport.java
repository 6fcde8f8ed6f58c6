package org.socketserver.tests;

import java.util.Set;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.TransportProvider;

/** A transport that is not part of the project: {@code local:NAME}. */
public final class LocalTransport implements TransportProvider<DatagramRequest> {
    /** For the service loader. */
    public LocalTransport() {}

    @Override
    public String scheme() {
        return "local";
    }

    @Override
    public Class<DatagramRequest> requestType() {
        return DatagramRequest.class;
    }

    @Override
    public Set<String> options() {
        return Set.of();
    }

    @Override
    public BaseServer<DatagramRequest> server(
            String place, HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        return new LocalServer(handlers, options);
    }
}
