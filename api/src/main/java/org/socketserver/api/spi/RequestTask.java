package org.socketserver.api.spi;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;

/**
 * One request on its way through a mix-in: running it handles the request and closes it.
 *
 * <p>{@link #run()} must be called exactly once, on any thread, unless {@link MixIn#processRequest} throws. It never
 * throws: a handler's failure goes to {@link org.socketserver.api.server.BaseServer#handleError}.
 */
public interface RequestTask extends Runnable {
    /**
     * Returns the request.
     *
     * @return the request; a mix-in does not read or write it, unless it carries the bytes to another place
     */
    Request request();

    /**
     * Runs something once the handler has ended and before the peer is told. That is the moment to give back the place
     * of the request: a peer that has read the end may come again at once. What has still to be closed takes no place.
     *
     * @param action what to run, on the thread that runs the request; to be set before {@link #run()}, which calls it
     *     once
     */
    void onHandled(Runnable action);

    /**
     * Returns a name made of server and peer, for the thread that runs the request.
     *
     * @return for example {@code tcp 127.0.0.1:8087 < 127.0.0.1:50000}
     */
    String name();

    /**
     * Puts something in the place of the handler; may begin before the task is run. All hooks around it are called as
     * ever when that is {@link #run()}. Deadlines other than {@link org.socketserver.api.Deadline#WRITE}, {@link
     * org.socketserver.api.Deadline#REQUEST} and the end of the grace after {@link org.socketserver.api.Deadline#AGE}
     * are not looked at any more in this process.
     *
     * @param handling what stands in for the handler; hears of deadlines and stops from now on
     */
    void handleElsewhere(RemoteHandling handling);

    /**
     * Returns the channel of a connection, for a mix-in that hands it to another process.
     *
     * @return the channel, still owned by the request; empty for packets, and for connections that have none
     */
    Optional<SocketChannel> channel();

    /**
     * Lets go of a connection that another process has now: releases it here without a word to the peer. What the
     * server does with the request afterwards no longer reaches the peer. Does nothing for packets.
     *
     * @throws IOException if it can't be released
     */
    void detach() throws IOException;

    /**
     * Returns how the request has ended so far.
     *
     * @return its end as far as it has come; once the action of {@link #onHandled} runs, what became of the handler is
     *     settled
     */
    RequestEnd end();

    /**
     * Ends the input of a connection as soon as it is idle, because a stop waits for it; passed on to the {@link
     * RemoteHandling} if there is one. Called repeatedly by a server that stops, and by a mix-in that stops in another
     * process.
     */
    void drain();
}
