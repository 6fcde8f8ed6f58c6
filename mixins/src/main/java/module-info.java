/** Where requests run, and ready-made bases for handlers. */
module org.socketserver.mixins {
    requires transitive org.socketserver.api;
    requires java.management;
    requires static org.jspecify;
    requires static org.newsclub.net.unix;

    exports org.socketserver.mixins;

    uses org.socketserver.api.spi.PortableType;
}
