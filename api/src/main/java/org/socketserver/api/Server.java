package org.socketserver.api;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * A server as its handlers see it: what it is, how it stands, and the way to ask it to stop.
 *
 * <p>All methods may be called from any thread at any time.
 */
public interface Server {
    /**
     * Returns the name of the server in logs and thread names.
     *
     * @return the name of the options, or else transport and address such as {@code tcp 127.0.0.1:8087}
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
     * @return the real address once bound (port 0 and chosen names resolved), the requested one before
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
     * Takes a picture of the requests that are being handled now.
     *
     * @return one entry for each live request, oldest first; a copy
     */
    List<LiveRequest> liveRequests();

    /**
     * Returns the requests that may be stuck: at least that old, their handler running and not waiting for the peer.
     *
     * <p>A connection that has been busy and idle in turn for long, and is busy now, is among them; {@link
     * ServerOptions#stuckAfter()} tells apart how long a handler has been busy without a break.
     *
     * @param age how old; zero for all that are busy
     * @return one entry for each, with its stack, oldest first; a copy
     * @throws IllegalArgumentException if the time is negative
     */
    List<LiveRequest> stuckRequests(Duration age);

    /**
     * Takes a picture of what the server has done and is doing.
     *
     * @return counters and gauges of this moment
     */
    ServerStats stats();

    /**
     * Asks the server to accept nothing more, and leaves running requests alone.
     *
     * <p>Never blocks a handler or hook that the accept loop itself waits for: see {@link
     * org.socketserver.api.server.BaseServer#shutdown()}.
     */
    void shutdown();
}
