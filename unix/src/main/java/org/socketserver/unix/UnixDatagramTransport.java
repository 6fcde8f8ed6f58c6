package org.socketserver.unix;

import java.util.Set;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.TransportProvider;

/**
 * Servers for datagrams at addresses such as {@code unix-datagram:/run/shout.sock}. Found by {@link
 * java.util.ServiceLoader}.
 */
public final class UnixDatagramTransport implements TransportProvider<DatagramRequest> {
    /** For {@link java.util.ServiceLoader}. */
    public UnixDatagramTransport() {}

    @Override
    public String scheme() {
        return "unix-datagram";
    }

    @Override
    public Class<DatagramRequest> requestType() {
        return DatagramRequest.class;
    }

    @Override
    public Set<String> options() {
        return Set.of("mode", "maxDatagramSize", "deliverTruncated", "receiveBufferSize", "sendBufferSize");
    }

    @Override
    public BaseServer<DatagramRequest> server(
            String place, HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        return new UnixDatagramServer(UnixAddress.parsePlace(scheme(), place), handlers, options);
    }
}
