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
     * Names the request after server and peer, for the thread that runs it.
     *
     * @return for example {@code tcp 127.0.0.1:8087 < 127.0.0.1:50000}
     */
    String name();
}
