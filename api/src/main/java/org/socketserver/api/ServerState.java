package org.socketserver.api;

/** Where a server stands; the diagram is in {@link org.socketserver.api.server.BaseServer}. */
public enum ServerState {
    /** Made, not bound: nothing has touched the network. */
    NEW,
    /** Bound: peers can connect or send, nobody serves them. */
    BOUND,
    /** Serving requests. */
    SERVING,
    /** Asked to stop; the accept loop has not ended yet. */
    STOPPING,
    /** Closed for good. */
    CLOSED
}
