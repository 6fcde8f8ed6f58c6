package org.socketserver.tcp;

import java.util.Set;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.TransportProvider;

/** Servers for addresses such as {@code tcp://127.0.0.1:8087}. Found by {@link java.util.ServiceLoader}. */
public final class TcpTransport implements TransportProvider<StreamRequest> {
    /** For {@link java.util.ServiceLoader}. */
    public TcpTransport() {}

    @Override
    public String scheme() {
        return "tcp";
    }

    @Override
    public Class<StreamRequest> requestType() {
        return StreamRequest.class;
    }

    @Override
    public Set<String> options() {
        return Set.of(
                "backlog",
                "reuseAddress",
                "reusePort",
                "dualStack",
                "noDelay",
                "keepAlive",
                "receiveBufferSize",
                "sendBufferSize");
    }

    @Override
    public BaseServer<StreamRequest> server(
            String place, HandlerSource<StreamRequest> handlers, ServerOptions options) {
        return new TcpServer(AddressText.parsePlace(scheme(), place), handlers, options);
    }
}
