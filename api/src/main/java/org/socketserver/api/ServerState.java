package org.socketserver.api;

/** The state of a server. {@link org.socketserver.api.server.BaseServer} has a diagram. */
public enum ServerState {
    /** Created, not bound: no I/O has been done. */
    NEW,
    /** Bound: clients can connect or send, but are not served. */
    BOUND,
    /** Serving requests. */
    SERVING,
    /** A stop was requested; the accept loop has not ended yet. */
    STOPPING,
    /** Closed; can't serve again. */
    CLOSED
}
