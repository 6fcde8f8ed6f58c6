package org.socketserver.api;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * Receives the events of a server and its requests. Every method does nothing unless overridden.
 *
 * <p>For every request there is exactly one {@link #requestStarted} and then exactly one {@link #requestStopped},
 * however it ends. They may run on different threads. A listener is shared by all threads of a server and must be fast,
 * because the accept loop and the handlers wait for it. What a listener throws is logged and otherwise ignored.
 */
public interface RequestListener {
    /**
     * Called when a request was accepted or received. Runs on the accept loop, before {@link
     * org.socketserver.api.server.BaseServer#verifyRequest}.
     *
     * @param request the request; must not be read or written here
     */
    default void requestStarted(Request request) {}

    /**
     * Called once when a request has been closed. Runs on the thread that closed it.
     *
     * <p>The client may have seen the end already. The counters and limits have changed before, when the handler
     * returned: see {@link ServerStats}.
     *
     * @param request the request
     * @param end the outcome, the bytes and the duration
     */
    default void requestStopped(Request request, RequestEnd end) {}

    /**
     * Called when a handler has neither waited for its peer nor transferred a byte for longer than {@link
     * ServerOptions#stuckAfter()}. Called at most once for each request, which continues. Runs on the thread that
     * checks all deadlines of the JVM, so it must not wait.
     *
     * @param request a snapshot with the peer, age, thread and stack
     */
    default void requestStuck(LiveRequest request) {}

    /**
     * Called when a datagram was longer than the receive buffer. Runs on the accept loop.
     *
     * @param sender the sender's address
     * @param limit the size of the receive buffer in bytes
     * @param delivered true if the handler gets the first part, false if all of it was dropped
     */
    default void datagramTruncated(SocketAddress sender, int limit, boolean delivered) {}

    /**
     * Called when accepting or receiving failed. Runs on the accept loop.
     *
     * @param failure the failure
     * @param pause how long the loop waits before it tries again; zero if it continues at once
     */
    default void acceptFailed(IOException failure, Duration pause) {}

    /**
     * Called when the state of the server has changed. Changes are reported one after another, in their order, by one
     * of the threads that cause them, maybe after the call that has caused them has returned. Must not wait for a stop.
     *
     * @param state the new state
     */
    default void stateChanged(ServerState state) {}
}
