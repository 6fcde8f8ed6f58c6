package org.socketserver.api;

/**
 * One request on its way through a mix-in: running it handles the request and closes it.
 *
 * <p>{@link #run()} must be called exactly once, on any thread, unless {@link MixIn#processRequest} throws. It never
 * throws: a handler's failure goes to {@link BaseServer#handleError}.
 */
public interface RequestTask extends Runnable {
    /**
     * Gives the request.
     *
     * @return the request; a mix-in does not read or write it
     */
    Request request();

    /**
     * Runs something once the handler has ended and before the peer is told. That is the moment to give back the place of the
     * request: a peer that has read the end may come again at once. What has still to be closed takes no place.
     *
     * @param action what to run, on the thread that runs the request; to be set before {@link #run()}, which calls it once
     */
    void onHandled(Runnable action);

    /**
     * Names the request after server and peer, for the thread that runs it.
     *
     * @return for example {@code tcp 127.0.0.1:8087 < 127.0.0.1:50000}
     */
    String name();
}
