package org.socketserver.api.spi;

import java.io.IOException;

/**
 * A protocol between a stream transport and its handlers, such as TLS or the PROXY protocol.
 *
 * <p>A server applies its layers to each accepted connection in the order in which they were added. This is their order
 * on the wire, the outermost first. The handler's bytes pass through all of them.
 *
 * <p><b>Threads.</b> {@link #over} runs on a thread of the server's process that may wait for the peer; several threads
 * call it at the same time for different connections. With a mix-in it never runs on the accept loop. A layer that a
 * handler adds, as with STARTTLS, runs on the thread of the handler, which may be in a worker process.
 *
 * <p><b>Time.</b> {@link org.socketserver.api.Deadline#HANDSHAKE} bounds the total time of all layers of a connection.
 * When it has passed, or the server stops, the server closes the connection below. Reads and writes then throw, and
 * {@code over} must throw too.
 */
@FunctionalInterface
public interface Layer {
    /**
     * Returns the connection that the next layer or the handler uses. Performs first what precedes the handler's bytes,
     * such as a handshake.
     *
     * <p>Must not read bytes that do not belong to the layer, unless the returned connection returns them.
     *
     * @param below the connection below; owned by the returned connection. If this method throws, the server closes it.
     * @return the connection above, usually a {@link FilterConnection}
     * @throws IOException if the peer does not speak the protocol of this layer, is refused by it, or has disconnected.
     *     The server counts the failure and reports it at debug level.
     */
    Connection over(Connection below) throws IOException;

    /**
     * Returns whether this layer determines who the client is: it changes {@link Connection#remoteAddress()} or adds an
     * attribute such as a certificate. The rules for clients are then applied after this layer instead of at the
     * accept: {@link org.socketserver.api.Limits#allow}, {@link org.socketserver.api.Limits#deny}, {@link
     * org.socketserver.api.Limits#perClient}, and {@link org.socketserver.api.server.BaseServer#verifyRequest}. If
     * several layers identify clients, the rules are applied after the last of them.
     *
     * @return false unless overridden
     */
    default boolean identifiesClient() {
        return false;
    }
}
