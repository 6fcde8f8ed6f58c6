package org.socketserver.mixins;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the server's process for what a handler threw in a worker process.
 *
 * <p>Only the worker may have the class that was thrown, so it is carried as text: {@link #getMessage()} is the result
 * of its {@code toString()}, such as {@code java.lang.IllegalStateException: boom}. The stack trace is that of the
 * worker, with at most 200 frames. Up to five causes are carried in the same way.
 */
public class HandlerException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Name of the class that was thrown. */
    private final String className;

    /**
     * Creates an exception.
     *
     * @param className name of the class that was thrown, as returned by {@link Class#getName()}
     * @param message the result of its {@code toString()}
     * @param cause its cause; null if it had none
     */
    public HandlerException(String className, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.className = className;
    }

    /**
     * Returns the name of the class that was thrown.
     *
     * @return the name, as returned by {@link Class#getName()}; the class may not exist in this process
     */
    public final String className() {
        return className;
    }
}
