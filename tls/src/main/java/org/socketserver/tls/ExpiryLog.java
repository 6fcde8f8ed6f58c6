package org.socketserver.tls;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Logs certificates that expire soon, each of them at most once a day. Layers that were created from each other share a
 * log.
 */
final class ExpiryLog {
    /** How long a warning is not repeated. */
    static final Duration PERIOD = Duration.ofDays(1);

    private static final Duration EXPIRES_SOON = Duration.ofDays(14);

    /** A new certificate in the same file is another warning. */
    private record Warning(Path file, Instant end) {}

    private final InstantSource clock;
    /** The warnings of the last day, with the times from which they are repeated. Guarded by this. */
    private final Map<Warning, Instant> recent = new HashMap<>();

    ExpiryLog(InstantSource clock) {
        this.clock = clock;
    }

    Instant now() {
        return clock.instant();
    }

    /** Logs which of the certificates expire soon and were not logged within the last day. */
    synchronized void check(List<Identity> identities) {
        Instant now = now();
        recent.values().removeIf(repeat -> !now.isBefore(repeat));
        for (Identity identity : identities) {
            Instant end = identity.chain().get(0).getNotAfter().toInstant();
            if (end.isBefore(now.plus(EXPIRES_SOON))
                    && recent.putIfAbsent(new Warning(identity.file(), end), now.plus(PERIOD)) == null) {
                System.getLogger("org.socketserver")
                        .log(
                                Level.WARNING,
                                "certificate " + (end.isBefore(now) ? "has expired at " : "expires at ") + end + ": "
                                        + identity.file());
            }
        }
    }
}
