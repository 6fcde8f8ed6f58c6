/** The PROXY protocol, which tells a server behind a load balancer the addresses of its clients. */
module org.socketserver.proxy {
    requires transitive org.socketserver.api;
    requires static org.jspecify;

    exports org.socketserver.proxy;

    provides org.socketserver.api.spi.PortableType with
            org.socketserver.proxy.ProxyHeaderType;
}
