package org.socketserver.mixins;

/** How a connection is passed from the server to a worker. Packets and replies are always sent as bytes. */
public enum HandOver {
    /** {@link #DESCRIPTOR} if that is possible, otherwise {@link #RELAY}. One line in the log says which, and why. */
    AUTO,
    /**
     * The worker gets the connection itself (SCM_RIGHTS, unix(7)), and the server closes its copy. The worker reads and
     * writes at full speed, and the connection outlives the server. Needs junixsocket on the class path of the
     * application, and the option {@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED} of java (on the module path
     * {@code =org.socketserver.mixins}). Without them {@code bind} fails and says what is missing. If the connections
     * of a transport have no {@link org.socketserver.api.spi.Connection#channel()}, they are relayed, with a warning in
     * the log.
     */
    DESCRIPTOR,
    /**
     * The server reads and writes for the worker. Works everywhere, but each read and write costs a copy and a message.
     * While bytes of the handler wait for a slow client, its reads wait too. A handler that reads on one thread and
     * writes on another needs {@link #DESCRIPTOR} if its client reads nothing before it has sent everything.
     */
    RELAY
}
