/** TLS as a layer on any stream transport. */
module org.socketserver.tls {
    requires transitive org.socketserver.api;
    // For the classes of tls-channel.
    requires java.logging;
    requires static org.jspecify;

    exports org.socketserver.tls;

    provides org.socketserver.api.spi.PortableType with
            org.socketserver.tls.TlsPeerType;
}
