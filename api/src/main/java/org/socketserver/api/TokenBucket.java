package org.socketserver.api;

import java.util.concurrent.TimeUnit;

/** A rate with bursts: gains so many tokens a second, holds so many at most and at first. Used by the accept loop alone. */
final class TokenBucket {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Time is counted instead of tokens, which needs no fractions: one token is worth so many ns. */
    private final long price;

    private final long most;
    private long balance;
    private long countedAt = System.nanoTime();

    /** A bucket that is full; a rate of 0 has no limit. */
    TokenBucket(int perSecond, int burst) {
        // Rounded up, so that it is never more than the rate.
        price = perSecond == 0 ? 0 : (SECOND + perSecond - 1) / perSecond;
        most = price * burst;
        balance = most;
    }

    /** How long until there is a token, in ns; 0 if there is one. */
    long untilToken() {
        if (price == 0) {
            return 0;
        }
        long now = System.nanoTime();
        balance = Math.min(most, balance + (now - countedAt));
        countedAt = now;
        return Math.max(0, price - balance);
    }

    /** Takes a token; false if there is none. */
    boolean take() {
        if (untilToken() > 0) {
            return false;
        }
        balance -= price;
        return true;
    }
}
