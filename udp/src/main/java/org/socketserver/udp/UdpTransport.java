package org.socketserver.udp;

import java.util.Set;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.TransportProvider;

/** Servers for addresses such as {@code udp://127.0.0.1:8087}. Found by {@link java.util.ServiceLoader}. */
public final class UdpTransport implements TransportProvider<DatagramRequest> {
    /** For {@link java.util.ServiceLoader}. */
    public UdpTransport() {}

    @Override
    public String scheme() {
        return "udp";
    }

    @Override
    public Class<DatagramRequest> requestType() {
        return DatagramRequest.class;
    }

    @Override
    public Set<String> options() {
        return Set.of(
                "reusePort",
                "dualStack",
                "broadcast",
                "maxDatagramSize",
                "deliverTruncated",
                "receiveBufferSize",
                "sendBufferSize");
    }

    @Override
    public BaseServer<DatagramRequest> server(
            String place, HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        return new UdpServer(AddressText.parsePlace(scheme(), place), handlers, options);
    }
}
