package org.socketserver.api.server;

import org.socketserver.api.DeadlineException;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Refusal;

/**
 * What ended a request from outside, before its handler returned or was made. A request has at most one, the first;
 * only an {@link Aborted} takes the place of an {@link Expired} whose handler goes on.
 */
sealed interface Ending {
    /**
     * Rejected before a handler was made.
     *
     * @param why the reason
     */
    record Rejected(Refusal why) implements Ending {}

    /**
     * Closed because a deadline of the whole request has passed.
     *
     * @param deadline what its reads and writes throw
     */
    record Expired(DeadlineException deadline) implements Ending {}

    /**
     * Closed because the grace of a stop was over.
     *
     * @param snapshot what the request was doing
     * @param at {@link System#nanoTime()} of the abort
     */
    record Aborted(LiveRequest snapshot, long at) implements Ending {}
}
