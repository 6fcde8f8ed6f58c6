package org.socketserver.api;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * Is notified of what happens to requests. Every method does nothing unless overridden.
 *
 * <p>Every request has exactly one {@link #requestStarted} and exactly one {@link #requestStopped}, whatever becomes of
 * it, in that order; they may run on different threads. Implementations are shared by all threads of a server and must
 * be fast: the accept loop and the handlers wait for them. What a listener throws is logged and otherwise ignored.
 */
public interface RequestListener {
    /** The listener that hears nothing, the default. */
    RequestListener NONE = new RequestListener() {};

    /**
     * A request was accepted or received. Runs on the accept loop, before {@link
     * org.socketserver.api.server.BaseServer#verifyRequest}.
     *
     * @param request the request; not to be read or written here
     */
    default void requestStarted(Request request) {}

    /**
     * A request has ended and is closed. Runs on the thread that closed it.
     *
     * @param request the request
     * @param end how it ended, bytes, duration
     */
    default void requestStopped(Request request, RequestEnd end) {}

    /**
     * A handler has neither waited for its peer nor moved a byte for longer than {@link ServerOptions#stuckAfter()}.
     * Told once for each request, which goes on. Runs on the thread that looks after all deadlines of the JVM, so it
     * must not wait.
     *
     * @param request peer, age, thread and stack
     */
    default void requestStuck(LiveRequest request) {}

    /**
     * A datagram was longer than the receive buffer. Runs on the accept loop.
     *
     * @param sender who sent it
     * @param limit bytes that were kept at most
     * @param delivered true if the handler gets the first part, false if all of it was dropped
     */
    default void datagramTruncated(SocketAddress sender, int limit, boolean delivered) {}

    /**
     * Accepting or receiving failed. Runs on the accept loop.
     *
     * @param failure what the system said
     * @param pause how long the loop waits before it tries again; zero when it goes on at once
     */
    default void acceptFailed(IOException failure, Duration pause) {}
}
