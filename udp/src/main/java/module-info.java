/** UDP servers. */
module org.socketserver.udp {
    requires transitive org.socketserver.api;
    requires static org.jspecify;

    exports org.socketserver.udp;
}
