package org.socketserver.api;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * The methods of a server that its handlers can use.
 *
 * <p>All methods may be called from any thread at any time.
 */
public interface Server {
    /**
     * Returns the name of the server in logs and thread names.
     *
     * @return the name from the options; if there is none, the transport and address, such as {@code tcp
     *     127.0.0.1:8087}
     */
    String name();

    /**
     * Returns the name of the transport.
     *
     * @return a short lower-case word: {@code tcp}, {@code udp}, {@code unix}, {@code unix-datagram}
     */
    String transport();

    /**
     * Returns the address of the server.
     *
     * @return the bound address, with the port or name that the system chose; before binding, the requested address
     */
    SocketAddress address();

    /**
     * Returns the options of the server.
     *
     * @return the options
     */
    ServerOptions options();

    /**
     * Returns whether a stop was requested since serving last began, so that a long-running handler can finish.
     *
     * @return true from the first call of a shutdown or close method until serving begins again
     */
    boolean isStopping();

    /**
     * Returns snapshots of the live requests: those that have begun and whose handler has not returned. A request
     * leaves the list before its client can see the end; {@link ServerStats} lists the exceptions.
     *
     * @return one entry for each request, oldest first; a copy
     */
    List<LiveRequest> liveRequests();

    /**
     * Returns the live requests of at least the given age whose handler is running and not waiting for the peer.
     *
     * <p>An old connection that is often idle but busy at this moment is in the list too. To find handlers that have
     * been busy without a break, use {@link ServerOptions#stuckAfter()}.
     *
     * @param age the minimum age; zero for all busy requests
     * @return one entry for each, with its stack, oldest first; a copy
     * @throws IllegalArgumentException if the time is negative
     */
    List<LiveRequest> stuckRequests(Duration age);

    /**
     * Returns a snapshot of the counters and gauges.
     *
     * @return the values at this moment
     */
    ServerStats stats();

    /**
     * Stops accepting. Running requests continue.
     *
     * <p>Never blocks a handler or hook that the accept loop itself runs: see {@link
     * org.socketserver.api.server.BaseServer#shutdown()}.
     */
    void shutdown();
}
