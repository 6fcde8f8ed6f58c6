/**
 * The contracts, the server template and the engine of all servers of this framework.
 *
 * <p>Each package uses only those before it: {@code internal} (helpers of this project), {@code api} (for applications
 * and handlers), {@code api.spi} (for authors of transports and mix-ins), {@code api.server} (the template, and the
 * base classes of transports).
 */
@SuppressWarnings("module") // The modules of the qualified export are compiled later.
module org.socketserver.api {
    requires jdk.jfr;
    requires static org.jspecify;

    exports org.socketserver.api;
    exports org.socketserver.api.spi;
    exports org.socketserver.api.server;
    exports org.socketserver.api.internal to
            org.socketserver.mixins,
            org.socketserver.proxy,
            org.socketserver.tcp,
            org.socketserver.udp,
            org.socketserver.unix;

    uses org.socketserver.api.server.TransportProvider;

    provides org.socketserver.api.spi.PortableType with
            org.socketserver.api.spi.InternetAddressType;
}
