/** The contracts and the template that every server of this framework is made of. */
@SuppressWarnings("module") // The modules of the qualified export are compiled later.
module org.socketserver.api {
    requires jdk.jfr;
    requires static org.jspecify;

    exports org.socketserver.api;
    exports org.socketserver.api.log to
            org.socketserver.mixins,
            org.socketserver.unix;

    provides org.socketserver.api.PortableType with
            org.socketserver.api.InternetAddressType;
}
