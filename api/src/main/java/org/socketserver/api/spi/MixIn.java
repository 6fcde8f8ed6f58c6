package org.socketserver.api.spi;

import java.io.IOException;
import java.util.List;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Server;
import org.socketserver.api.WorkerState;

/**
 * Decides where requests run: on the accept loop, on other threads, or in other processes.
 *
 * <p>A mix-in is given to a server with {@link org.socketserver.api.server.BaseServer#mixIn} and does not depend on the
 * transport. One instance belongs to one server.
 *
 * <p>A mix-in that starts processes must first make sure that file descriptors are free: see {@link DescriptorLock}.
 *
 * <p><b>Threads.</b> {@link #workers}, {@link #workersStarted} and {@link #workersDied} may be called by any thread at
 * any time. Except for {@link #attach}, {@link #open} and {@link #close}, all other methods run on the accept loop. If
 * the server has {@linkplain org.socketserver.api.server.BaseServer#layer layers}, the thread of a handshake calls
 * {@link #hasCapacity} and {@link #processRequest}, one thread at a time, while the accept loop may call the other
 * methods and {@code hasCapacity}.
 */
public interface MixIn {
    /** The server of a mix-in, with methods for the mix-in. All methods may be called from any thread. */
    interface Host extends Server {
        /**
         * Returns the source of handlers.
         *
         * @return the source
         */
        HandlerSource<?> handlerSource();

        /**
         * Ends serving with a failure, as if the listening socket were lost: {@link
         * org.socketserver.api.server.BaseServer#serveForever()} throws it. For a mix-in that can't run requests any
         * more. Has no effect on a server that is not serving.
         *
         * @param reason the exception to throw
         */
        void endServing(IOException reason);

        /** Wakes the accept loop, for example because {@link MixIn#hasCapacity()} has become true. */
        void wakeup();
    }

    /** Runs each request on the accept loop, one after another, like a server without a mix-in. */
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
     * Prepares the mix-in, for example by starting processes. Called by {@link
     * org.socketserver.api.server.BaseServer#bind()} before the address is bound, and again only if it threw. Does
     * nothing unless overridden.
     *
     * @throws IOException if the mix-in can't be prepared; the server is not bound then, and {@code bind} throws the
     *     same exception
     */
    default void open() throws IOException {}

    /**
     * Returns whether one more request can be processed. While this is false, {@link
     * org.socketserver.api.Limits#whenFull} decides what happens to new requests; by default they wait in the kernel's
     * queue. The mix-in calls {@link Host#wakeup()} when the result changes to true.
     *
     * @return true unless overridden
     */
    default boolean hasCapacity() {
        return true;
    }

    /**
     * Runs a request on the calling thread, or arranges for it to run on another thread soon.
     *
     * @param task the request
     * @throws Exception if the request can't be run; the server then calls {@link
     *     org.socketserver.api.server.BaseServer#handleError} and closes the request
     */
    void processRequest(RequestTask task) throws Exception;

    /**
     * Returns a snapshot of each worker process, for {@link org.socketserver.api.ServerStats#workers()}. Must not wait.
     *
     * @return the snapshots; empty unless overridden
     */
    default List<WorkerState> workers() {
        return List.of();
    }

    /**
     * Returns how many worker processes were started since the mix-in was created, including those that were replaced.
     *
     * @return processes; 0 unless overridden
     */
    default long workersStarted() {
        return 0;
    }

    /**
     * Returns how many worker processes exited unexpectedly since the mix-in was created.
     *
     * @return processes; 0 unless overridden
     */
    default long workersDied() {
        return 0;
    }

    /**
     * Does periodic work. Called by {@link org.socketserver.api.server.BaseServer#serviceActions}. Does nothing unless
     * overridden.
     */
    default void serviceActions() {}

    /**
     * Called by {@link org.socketserver.api.server.BaseServer#handleTimeout} when no request came in time. Does nothing
     * unless overridden.
     */
    default void handleTimeout() {}

    /**
     * Releases the resources of the mix-in. Called once, also if {@link #open} was not called: by {@link
     * org.socketserver.api.server.BaseServer#close()} after it has waited for the requests, or by {@link
     * org.socketserver.api.server.BaseServer#mixIn} when another mix-in replaces it.
     */
    default void close() {}
}
