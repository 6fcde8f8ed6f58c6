package org.socketserver.api;

/** How a request ended. */
public enum RequestOutcome {
    /** The handler ended by itself. */
    DONE,
    /** {@link BaseServer#verifyRequest} said no; no handler was made. */
    REFUSED,
    /** The peer had gone while the handler was reading or writing. */
    DISCONNECTED,
    /** A deadline fired: see {@link DeadlineException}. */
    TIMED_OUT,
    /** The handler, or a hook before it, threw. */
    FAILED,
    /** A stop ended the request when its grace was over. */
    CUT
}
