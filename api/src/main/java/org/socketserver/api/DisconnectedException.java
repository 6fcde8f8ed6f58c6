package org.socketserver.api;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the peer is gone: the connection was reset or lost, or a reply can't reach its receiver.
 *
 * <p>This is an ordinary event. If a handler does not catch it, its request ends with {@link
 * RequestOutcome#DISCONNECTED}; {@link org.socketserver.api.server.BaseServer#handleError} is not called.
 */
public class DisconnectedException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message the detail message, with the address of the peer
     * @param cause the failure that the system reported; null if there is none
     */
    public DisconnectedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
