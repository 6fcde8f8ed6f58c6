/** Where requests run, and ready-made bases for handlers. */
module org.socketserver.mixins {
    requires transitive org.socketserver.api;
    requires static org.jspecify;

    exports org.socketserver.mixins;

    uses org.socketserver.api.PortableType;
}
