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
}
