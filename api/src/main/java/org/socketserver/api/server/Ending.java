package org.socketserver.api.server;

import org.socketserver.api.DeadlineException;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Rejection;

/**
 * The reason why a request was ended from outside. A request has at most one ending, the first. The only exception:
 * {@link Aborted} replaces {@link Expired} and {@link Evicted} if the request is not closed yet.
 */
sealed interface Ending {
    /**
     * Rejected before a handler was created.
     *
     * @param why the reason
     */
    record Rejected(Rejection why) implements Ending {}

    /**
     * Closed because a deadline of the whole request has passed.
     *
     * @param deadline the exception that its reads and writes throw
     */
    record Expired(DeadlineException deadline) implements Ending {}

    /** Closed to free what it made this process hold: see {@link ClientMemory}. */
    record Evicted() implements Ending {}

    /**
     * Closed because the grace period of a stop was over.
     *
     * @param snapshot the request as it was before the abort
     * @param at {@link System#nanoTime()} of the abort
     */
    record Aborted(LiveRequest snapshot, long at) implements Ending {}
}
