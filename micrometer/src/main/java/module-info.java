/** Metrics of servers for Micrometer. */
// Micrometer's jars have names of modules, but no descriptors.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module org.socketserver.micrometer {
    requires transitive micrometer.core;
    requires transitive org.socketserver.api;
    requires static org.jspecify;

    exports org.socketserver.micrometer;
}
