package org.socketserver.api;

import java.time.Duration;
import java.util.Optional;

/**
 * What is known of a request when it has ended.
 *
 * @param id number of the request within its server, counted from 1
 * @param outcome how it ended
 * @param refusal why it was turned away, for {@link RequestOutcome#REFUSED}
 * @param bytesIn bytes read from the peer
 * @param bytesOut bytes sent to the peer
 * @param duration time from accepting or receiving to closing
 * @param failure what was thrown, for outcomes other than {@link RequestOutcome#DONE} that have an exception
 */
public record RequestEnd(
        long id,
        RequestOutcome outcome,
        Optional<Refusal> refusal,
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
     * Returns in a few words how the request ended, as in the events of the Flight Recorder.
     *
     * @return {@code done}, {@code disconnected}, {@code failed}, {@code cut}, or with the kind {@code refused: per
     *     client}, {@code timed out: first byte}
     */
    public String reason() {
        return refusal.map(why -> outcome + ": " + why)
                .or(() -> deadline().map(which -> outcome + ": " + which))
                .orElse(outcome.toString());
    }
}
