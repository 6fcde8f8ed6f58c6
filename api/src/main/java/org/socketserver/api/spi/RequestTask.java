package org.socketserver.api.spi;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.StreamRequest;

/**
 * A request as a mix-in sees it. Running it handles the request and closes it.
 *
 * <p>{@link #run()} must be called exactly once, on any thread, unless {@link MixIn#processRequest} throws. It never
 * throws: a handler's failure goes to {@link org.socketserver.api.server.BaseServer#handleError}.
 */
public interface RequestTask extends Runnable {
    /**
     * Returns the request.
     *
     * @return the request; a mix-in must not read or write it, unless it transfers the bytes to another process
     */
    Request request();

    /**
     * Returns the request as a connection, for a mix-in that transfers it to another process.
     *
     * @return the request; empty for packets
     */
    default Optional<StreamRequest> connection() {
        return request() instanceof StreamRequest connection ? Optional.of(connection) : Optional.empty();
    }

    /**
     * Returns the request as a packet, for a mix-in that transfers it to another process.
     *
     * @return the request; empty for connections
     */
    default Optional<DatagramRequest> packet() {
        return request() instanceof DatagramRequest packet ? Optional.of(packet) : Optional.empty();
    }

    /**
     * Sets an action that {@link #run()} calls once, when the handler has returned and before the peer can see the end.
     * A mix-in returns the slot of the request here, because a client that has seen the end may send the next request
     * at once. Closing the request needs no slot. A later call replaces the action.
     *
     * <p>The counters and limits of the server have changed before the action runs. If a request ends without {@code
     * run}, the action is not called.
     *
     * @param action the action; runs on the thread that runs the request; must be set before {@link #run()}
     */
    void onHandled(Runnable action);

    /**
     * Returns a name that contains the server and the peer, for the thread that runs the request.
     *
     * @return for example {@code tcp 127.0.0.1:8087 < 127.0.0.1:50000}
     */
    String name();

    /**
     * Delegates handling, for example to a worker process, which may begin before {@link #run()} is called. {@code run}
     * then calls {@link RemoteHandling#handle} instead of a handler, and all hooks as usual. From now on this process
     * checks only {@link org.socketserver.api.Deadline#WRITE}, {@link org.socketserver.api.Deadline#REQUEST} and the
     * end of the grace period after {@link org.socketserver.api.Deadline#AGE}.
     *
     * @param handling represents the remote handler; notified of deadlines and stops from now on
     */
    void delegateTo(RemoteHandling handling);

    /**
     * Returns the channel of a connection, for a mix-in that passes it to another process.
     *
     * @return the channel, still owned by the request; empty for packets, and for connections that have none
     */
    Optional<SocketChannel> channel();

    /**
     * Releases a connection in this process without ending it, because another process has it. What the server does
     * with the request afterwards no longer reaches the peer. Does nothing for packets.
     *
     * @throws IOException if the connection can't be released
     */
    void detach() throws IOException;

    /**
     * Returns how the request has ended so far.
     *
     * @return the current result; the result of the handler is final when the action of {@link #onHandled} runs
     */
    RequestEnd result();

    /**
     * Ends the input of a connection as soon as it is idle. With a {@link RemoteHandling}, calls its {@code drain}
     * instead. Called repeatedly by a stop, and by a mix-in that passes on a stop of another process.
     */
    void drain();
}
