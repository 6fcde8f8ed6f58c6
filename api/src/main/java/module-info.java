/** The contracts and the template that every server of this framework is made of. */
module org.socketserver.api {
    requires jdk.jfr;
    requires static org.jspecify;

    exports org.socketserver.api;

    provides org.socketserver.api.PortableType with
            org.socketserver.api.InternetAddressType;
}
