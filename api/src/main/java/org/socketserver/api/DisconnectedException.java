package org.socketserver.api;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The peer has gone: a connection was reset or lost, or a reply has nowhere to go.
 *
 * <p>An ordinary event in a server's life. A handler that lets it pass ends its request with {@link
 * RequestOutcome#DISCONNECTED}; {@link org.socketserver.api.server.BaseServer#handleError} is not called.
 */
public class DisconnectedException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message who has gone
     * @param cause what the system said, if it said anything
     */
    public DisconnectedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
