package org.socketserver.api;

import java.time.Duration;
import java.util.Optional;

/**
 * What is known of a request when it has ended.
 *
 * @param outcome how it ended
 * @param bytesIn bytes read from the peer
 * @param bytesOut bytes sent to the peer
 * @param duration time from accepting or receiving to closing
 * @param failure what was thrown, for outcomes other than {@link RequestOutcome#DONE} that have an exception
 */
public record RequestEnd(
        RequestOutcome outcome, long bytesIn, long bytesOut, Duration duration, Optional<Throwable> failure) {}
