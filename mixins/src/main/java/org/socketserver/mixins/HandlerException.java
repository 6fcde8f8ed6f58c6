package org.socketserver.mixins;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A handler threw something in a worker process. This is what the server in the parent has of it.
 *
 * <p>What was thrown may be of a class that only the worker has, so it is told as text: {@link #getMessage()} is what
 * its {@code toString()} said, such as {@code java.lang.IllegalStateException: boom}, the stack trace is the one of the
 * worker, 200 frames of it at most, and up to five causes are told the same way.
 */
public class HandlerException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Name of the class that was thrown. */
    private final String className;

    /**
     * Makes one.
     *
     * @param className name of the class that was thrown, as {@link Class#getName()} gives it
     * @param message what its {@code toString()} said
     * @param cause its cause, if it had one
     */
    public HandlerException(String className, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.className = className;
    }

    /**
     * Returns the class of what was thrown.
     *
     * @return the name of its class, as {@link Class#getName()} gives it; the class may not exist in this process
     */
    public final String className() {
        return className;
    }
}
