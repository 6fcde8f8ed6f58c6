package org.socketserver.api;

import java.util.List;

/**
 * What became of the requests that were live when a stop began, or were being fetched then.
 *
 * <p>Every request that was accepted before the stop and had not ended is counted in exactly one of the three. Two
 * stops at the same time report the same request both.
 *
 * @param drained number of requests that ended by themselves within the grace
 * @param forced requests that were closed and interrupted when the grace was over, of this stop or of another one, and
 *     ended then; as they stood at that moment
 * @param running requests that went on even so, or that called the shutdown themselves; as they stood at the end
 */
public record ShutdownReport(int drained, List<LiveRequest> forced, List<LiveRequest> running) {
    /**
     * Returns whether no request was live when the stop began, and none came later.
     *
     * @return true if this report has no requests
     */
    public boolean isEmpty() {
        return drained == 0 && isClean();
    }

    /**
     * Returns whether all requests ended by themselves.
     *
     * @return true if none was forced and none is running
     */
    public boolean isClean() {
        return forced.isEmpty() && running.isEmpty();
    }
}
