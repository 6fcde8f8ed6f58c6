package org.socketserver.api;

import java.time.Duration;
import java.util.Optional;

/**
 * How a request has ended.
 *
 * @param id number of the request within its server, counted from 1
 * @param outcome how it ended
 * @param rejection why it was rejected, for {@link RequestOutcome#REJECTED}
 * @param bytesIn bytes read from the peer
 * @param bytesOut bytes sent to the peer
 * @param duration time from accepting or receiving to closing
 * @param failure the exception, if the outcome is not {@link RequestOutcome#DONE} and has one
 */
public record RequestEnd(
        long id,
        RequestOutcome outcome,
        Optional<Rejection> rejection,
        long bytesIn,
        long bytesOut,
        Duration duration,
        Optional<Throwable> failure) {
    /**
     * Returns the deadline that has passed.
     *
     * @return the deadline, for {@link RequestOutcome#TIMED_OUT}
     */
    public Optional<Deadline> deadline() {
        return outcome == RequestOutcome.TIMED_OUT
                ? failure.map(thrown -> ((DeadlineException) thrown).deadline())
                : Optional.empty();
    }

    /**
     * Returns the outcome with its reason in a few words, as in the Flight Recorder events.
     *
     * @return for example {@code done}, {@code failed}, {@code rejected: per client} or {@code timed out: first byte}
     */
    public String reason() {
        return rejection
                .map(why -> outcome + ": " + why)
                .or(() -> deadline().map(which -> outcome + ": " + which))
                .orElse(outcome.toString());
    }
}
