package org.socketserver.mixins;

/**
 * How a connection gets from the server to the worker that handles it; packets always travel as bytes, and so do their
 * replies.
 */
public enum HandOver {
    /**
     * {@link #DESCRIPTOR} where that is possible, otherwise {@link #RELAY}; the log says which, at the latest with the
     * first connection.
     */
    AUTO,
    /**
     * The worker gets the connection itself (SCM_RIGHTS, unix(7)), and the server keeps nothing of it: full speed, and
     * the connection outlives the server. Needs junixsocket on the class path of the application, and the option {@code
     * --add-opens java.base/sun.nio.ch=ALL-UNNAMED} of java (on the module path {@code =org.socketserver.mixins});
     * without them {@code bind} fails, and says what is missing. The connections of a transport that gives no {@link
     * org.socketserver.api.spi.Connection#channel()} are relayed all the same, with a warning in the log.
     */
    DESCRIPTOR,
    /**
     * The server reads and writes for the worker. Works everywhere, and costs a copy and a way for each read and write.
     * While bytes of the handler wait for a slow client, its reads wait too: a handler that reads on one thread and
     * writes on another, with a client that takes nothing before it has sent all, needs {@link #DESCRIPTOR}.
     */
    RELAY
}
