package org.socketserver.mixins;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A worker process could not be started, or ended before it was ready; the message has what it printed. */
public class WorkerStartException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Makes an exception.
     *
     * @param message what happened
     * @param cause why; null if nothing was thrown
     */
    public WorkerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
