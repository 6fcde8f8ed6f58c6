/** Unix-domain socket servers, for streams and for datagrams. */
module org.socketserver.unix {
    requires transitive org.socketserver.api;
    requires static org.jspecify;
    requires com.kohlschutter.junixsocket.nativecommon;
    requires jdk.net;
    requires org.newsclub.net.unix;

    exports org.socketserver.unix;

    provides org.socketserver.api.spi.PortableType with
            org.socketserver.unix.PeerCredentialsType,
            org.socketserver.unix.UnixAddressType;
    provides org.socketserver.api.server.TransportProvider with
            org.socketserver.unix.UnixDatagramTransport,
            org.socketserver.unix.UnixStreamTransport;
}
