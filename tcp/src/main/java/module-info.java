/** TCP servers. */
module org.socketserver.tcp {
    requires transitive org.socketserver.api;
    requires static org.jspecify;

    exports org.socketserver.tcp;
}
