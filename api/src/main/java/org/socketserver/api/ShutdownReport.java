package org.socketserver.api;

import java.util.List;
import java.util.stream.Stream;

/**
 * How the requests ended that were in flight when a stop began, or were accepted at that moment.
 *
 * <p>Every request that was accepted before the stop and was not closed yet is counted in exactly one of the three. Two
 * stops at the same time both report the same request.
 *
 * @param drained number of requests that ended by themselves within the grace period
 * @param forced requests that this or another stop aborted at the end of its grace period and that ended then; as they
 *     were when they were aborted
 * @param running requests that did not end, or that called the shutdown themselves; as they were when the stop returned
 */
public record ShutdownReport(int drained, List<LiveRequest> forced, List<LiveRequest> running) {
    /**
     * Adds the report of another server.
     *
     * @param other a report
     * @return the requests of both
     */
    public ShutdownReport plus(ShutdownReport other) {
        return new ShutdownReport(
                drained + other.drained, joined(forced, other.forced), joined(running, other.running));
    }

    private static List<LiveRequest> joined(List<LiveRequest> one, List<LiveRequest> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    /**
     * Returns whether the stop had no requests to wait for.
     *
     * @return true if this report has no requests
     */
    public boolean isEmpty() {
        return drained == 0 && isClean();
    }

    /**
     * Returns whether all requests ended by themselves within the grace period.
     *
     * @return true if none was forced and none is running
     */
    public boolean isClean() {
        return forced.isEmpty() && running.isEmpty();
    }
}
