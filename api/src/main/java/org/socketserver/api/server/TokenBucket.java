package org.socketserver.api.server;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A token bucket: refills at a fixed rate up to the burst, and starts full. Used by the accept loop alone. */
final class TokenBucket {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Time is counted instead of tokens, which needs no fractions: one token is worth so many ns. */
    private final long price;

    private final long most;
    private final LongSupplier nanoTime;
    private long balance;
    private long countedAt;

    /** Creates a bucket that is full; a rate of 0 has no limit. */
    TokenBucket(int perSecond, int burst) {
        this(perSecond, burst, System::nanoTime);
    }

    /** Creates one with the given clock, which counts ns. */
    TokenBucket(int perSecond, int burst, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        countedAt = nanoTime.getAsLong();
        // Rounded up, so that it is never more than the rate.
        price = perSecond == 0 ? 0 : (SECOND + perSecond - 1) / perSecond;
        most = price * burst;
        balance = most;
    }

    /** Returns the time in ns until there is a token; 0 if there is one. */
    long untilToken() {
        if (price == 0) {
            return 0;
        }
        long now = nanoTime.getAsLong();
        balance = Math.min(most, balance + (now - countedAt));
        countedAt = now;
        return Math.max(0, price - balance);
    }

    /** Takes a token; returns false if there is none. */
    boolean take() {
        if (untilToken() > 0) {
            return false;
        }
        balance -= price;
        return true;
    }
}
