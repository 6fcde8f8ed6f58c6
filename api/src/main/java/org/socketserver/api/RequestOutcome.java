package org.socketserver.api;

import java.util.Locale;

/** How a request ended. */
public enum RequestOutcome {
    /** The handler returned normally. */
    DONE,
    /** The request was rejected, and no handler was created: see {@link Rejection}. */
    REJECTED,
    /** The peer was gone, or the application closed the request, when the handler was reading or writing. */
    DISCONNECTED,
    /** A {@link Deadline} has passed, whether the handler caught the exception or not. */
    TIMED_OUT,
    /** The handler, or a hook before it, threw. */
    FAILED,
    /**
     * A stop aborted the request at the end of its grace period, or it was ended to free memory: {@link
     * org.socketserver.api.server.ClientMemory}.
     */
    ABORTED;

    /** Returns the name in lower-case words, such as {@code timed out}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
