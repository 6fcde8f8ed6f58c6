package org.socketserver.api;

import java.util.Locale;

/** How a request ended. */
public enum RequestOutcome {
    /** The handler ended by itself. */
    DONE,
    /** No handler was made: see {@link Refusal}. */
    REFUSED,
    /** The peer had gone, or the application had closed the request, while the handler was reading or writing. */
    DISCONNECTED,
    /** A deadline was over, whether the handler answered that or not: see {@link Deadline}. */
    TIMED_OUT,
    /** The handler, or a hook before it, threw. */
    FAILED,
    /** A stop ended the request when its grace was over. */
    CUT;

    /** Returns the name in lower case words, such as {@code timed out}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
