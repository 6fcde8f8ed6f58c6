package org.socketserver.api.spi;

import java.io.IOException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Server;

/**
 * Decides where requests run: on the accept loop, on threads, in other processes.
 *
 * <p>Given to a server with {@link org.socketserver.api.server.BaseServer#mixIn}; knows no transport. One instance
 * belongs to one server.
 *
 * <p>A mix-in that starts processes proves before that file descriptors are free: {@link DescriptorLock}.
 *
 * <p><b>Threads.</b> Except for {@link #attach}, {@link #open} and {@link #close}, all methods run on the accept loop,
 * one at a time.
 */
public interface MixIn {
    /** What a mix-in may ask of the server it belongs to. All methods may be called from any thread. */
    interface Host extends Server {
        /**
         * Returns the source of handlers.
         *
         * @return the source
         */
        HandlerSource<?> handlerSource();

        /**
         * Ends serving with a failure, as when the listening socket is lost: {@link
         * org.socketserver.api.server.BaseServer#serveForever()} throws it. For a mix-in that can't run requests any
         * more. Without effect on a server that is not serving.
         *
         * @param reason what is thrown
         */
        void endServing(IOException reason);

        /** Makes the accept loop look again, as when {@link MixIn#hasCapacity()} has become true. */
        void wakeup();
    }

    /** Runs each request on the accept loop, one after another: what a server does without a mix-in. */
    MixIn SYNCHRONOUS = RequestTask::run;

    /**
     * Called when the mix-in is given to a server, on the thread that calls {@link
     * org.socketserver.api.server.BaseServer#mixIn}.
     *
     * @param host the server
     * @throws IllegalArgumentException if it can't run that server's handlers, or can't work with its address or
     *     options; the message says what to change
     * @throws IllegalStateException if it belongs to another server already
     */
    default void attach(Host host) {}

    /**
     * Prepares what it can't do without, such as processes that take long to make. Called by {@link
     * org.socketserver.api.server.BaseServer#bind()}, again only if it threw, before the address is bound. Does nothing
     * unless overridden.
     *
     * @throws IOException if it can't; the server is not bound then, and {@code bind} throws the same
     */
    default void open() throws IOException {}

    /**
     * Returns whether one more request can be processed. While it can't, {@link org.socketserver.api.Limits#whenFull}
     * decides about new peers: by default nothing is accepted, and they wait in the kernel's queue. The mix-in calls
     * {@link Host#wakeup()} when the answer has become true.
     *
     * @return true unless overridden
     */
    default boolean hasCapacity() {
        return true;
    }

    /**
     * Sees to it that a request runs: now, or soon on another thread.
     *
     * @param task the request
     * @throws Exception if it can't be run; the server then reports that with {@link
     *     org.socketserver.api.server.BaseServer#handleError} and closes the request
     */
    void processRequest(RequestTask task) throws Exception;

    /** Does periodic work; called by {@link org.socketserver.api.server.BaseServer#serviceActions}. */
    default void serviceActions() {}

    /** Called by {@link org.socketserver.api.server.BaseServer#handleTimeout} when no request came in time. */
    default void handleTimeout() {}

    /** Releases what the mix-in holds. Called once by {@link org.socketserver.api.server.BaseServer#close()}, when no request is left to wait for,
     * also if it was never opened; or by {@link org.socketserver.api.server.BaseServer#mixIn} when another takes its place. */
    default void close() {}
}
