package org.socketserver.mixins;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown when a worker process could not be started or did not become ready; the message has what it printed. */
public class WorkerStartException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param message what happened
     * @param cause the cause; null if nothing was thrown
     */
    public WorkerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
