/** UDP servers. */
module org.socketserver.udp {
    requires transitive org.socketserver.api;
    requires static org.jspecify;

    exports org.socketserver.udp;

    provides org.socketserver.api.server.TransportProvider with
            org.socketserver.udp.UdpTransport;
}
