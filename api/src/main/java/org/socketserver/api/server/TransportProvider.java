package org.socketserver.api.server;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;

/**
 * Creates the servers of a transport for addresses that are written as text: see {@link Servers}.
 *
 * <p>Providers are found by {@link ServiceLoader}, so a transport can be used in {@link Servers} when its artifact is
 * on the class path or the module path. Register a public class with a public constructor without parameters: in
 * {@code META-INF/services/org.socketserver.api.server.TransportProvider}, and with {@code provides} in a module
 * declaration. Methods may be called from any thread, and do no I/O.
 *
 * @param <R> kind of request
 */
public interface TransportProvider<R extends Request> {
    /**
     * Returns the scheme of the addresses.
     *
     * @return what is before the first colon, such as {@code tcp}: lowercase letters, digits, {@code +}, {@code -},
     *     {@code .}, the first a letter (RFC 3986, section 3.1)
     */
    String scheme();

    /**
     * Returns the kind of request that its servers have.
     *
     * @return {@link org.socketserver.api.StreamRequest} or {@link org.socketserver.api.DatagramRequest}
     */
    Class<R> requestType();

    /**
     * Returns the names of the options that an address can have in its query.
     *
     * @return names of methods of {@link ServerOptions}, and {@code mode} for {@link ServerOptions#socketFileMode};
     *     {@code name} need not be among them
     */
    Set<String> options();

    /**
     * Creates a server, without binding it.
     *
     * @param place the address without its scheme, the colon behind it, and its query, as it was written: for example
     *     {@code //127.0.0.1:8087} or {@code /run/shout.sock}
     * @param handlers the source of handlers
     * @param options the options, with those of the query
     * @return the server
     * @throws IllegalArgumentException if the place is invalid; the message quotes it and says why
     */
    BaseServer<R> server(String place, HandlerSource<R> handlers, ServerOptions options);

    /**
     * Returns the transports that can be used.
     *
     * @return those that the class loader of this interface finds, then those of the calling thread's context class
     *     loader; some appear twice
     * @throws java.util.ServiceConfigurationError if one is registered and can't be loaded
     */
    static List<TransportProvider<?>> all() {
        List<TransportProvider<?>> all = new ArrayList<>();
        ClassLoader own = TransportProvider.class.getClassLoader();
        ServiceLoader.load(TransportProvider.class, own).forEach(all::add);
        if (Thread.currentThread().getContextClassLoader() != own) {
            ServiceLoader.load(TransportProvider.class).forEach(all::add);
        }
        return List.copyOf(all);
    }
}
