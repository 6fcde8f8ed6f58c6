package org.socketserver.unix;

import java.util.Set;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.TransportProvider;

/**
 * Servers for connections at addresses such as {@code unix:/run/shout.sock}. Found by {@link
 * java.util.ServiceLoader}.
 */
public final class UnixStreamTransport implements TransportProvider<StreamRequest> {
    /** For {@link java.util.ServiceLoader}. */
    public UnixStreamTransport() {}

    @Override
    public String scheme() {
        return "unix";
    }

    @Override
    public Class<StreamRequest> requestType() {
        return StreamRequest.class;
    }

    @Override
    public Set<String> options() {
        return Set.of("backlog", "mode", "receiveBufferSize", "sendBufferSize");
    }

    @Override
    public BaseServer<StreamRequest> server(
            String place, HandlerSource<StreamRequest> handlers, ServerOptions options) {
        return new UnixStreamServer(UnixAddress.parsePlace(scheme(), place), handlers, options);
    }
}
