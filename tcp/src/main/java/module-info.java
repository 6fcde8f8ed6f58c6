/** TCP servers. */
module org.socketserver.tcp {
    requires transitive org.socketserver.api;
    requires static org.jspecify;

    exports org.socketserver.tcp;

    provides org.socketserver.api.server.TransportProvider with
            org.socketserver.tcp.TcpTransport;
}
