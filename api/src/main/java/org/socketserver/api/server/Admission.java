package org.socketserver.api.server;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Limits;
import org.socketserver.api.PeerRule;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.WhenFull;
import org.socketserver.api.internal.EventLog;

/**
 * Decides by the {@link Limits} whether a request is admitted. The accept loop asks for each request. If a layer has to
 * identify the client first, the rules for clients are asked later, on the thread of the handshake: {@link
 * #enterClient}. {@link #leave} runs on any thread.
 */
final class Admission<R extends Request> {
    private final ServerHooks<R> hooks;
    private final Limits limits;
    private final EventLog log;
    private final TokenBucket rate;
    private final Map<Object, Integer> perClient = new ConcurrentHashMap<>();

    Admission(ServerHooks<R> hooks, Limits limits, EventLog log) {
        this.hooks = hooks;
        this.limits = limits;
        this.log = log;
        rate = new TokenBucket(limits.acceptRate(), limits.acceptBurst());
    }

    /** Returns whether requests wait in the kernel while there is no room. */
    boolean waits() {
        return limits.whenFull().waits();
    }

    /**
     * Returns the time in ns until the rate allows the next request to be fetched; 0 if it does now, or if requests are
     * rejected instead.
     */
    long untilNext() {
        return limits.whenFull().waits() ? rate.untilToken() : 0;
    }

    /** Returns the answer to a client that is rejected for a reason; empty for none. */
    byte[] answer(Rejection rejection) {
        return switch (rejection) {
            case RATE, FULL, PER_CLIENT -> limits.whenFull().answer();
            case DENIED, NOT_VERIFIED, NO_DESCRIPTORS, TOO_MANY_HANDSHAKES, HANDSHAKE_FAILED ->
                WhenFull.REJECT.answer();
        };
    }

    /**
     * Admits a request. Returns null if it is admitted, otherwise the reason. For the accept loop only.
     *
     * @param full whether there is no capacity for the request
     * @param clientKnown whether the rules for clients apply now, and not later in {@link #enterClient}
     */
    @Nullable
    Rejection enter(Exchange<R> exchange, boolean full, boolean clientKnown) {
        if (clientKnown && !isAllowed(exchange)) {
            return Rejection.DENIED;
        }
        if (!rate.take()) {
            return Rejection.RATE;
        }
        if (!waits() && full) {
            return Rejection.FULL;
        }
        return clientKnown ? enterCount(exchange) : null;
    }

    /** Applies the rules for clients. Returns null if the client is admitted, otherwise the reason. */
    @Nullable
    Rejection enterClient(Exchange<R> exchange) {
        return isAllowed(exchange) ? enterCount(exchange) : Rejection.DENIED;
    }

    /** Returns false also if a rule throws. */
    private boolean isAllowed(Exchange<R> exchange) {
        try {
            R request = exchange.request();
            return (limits.allowed().isEmpty() || matches(limits.allowed(), request))
                    && !matches(limits.denied(), request);
        } catch (Throwable failure) {
            ruleFailed(exchange, failure);
            return false;
        }
    }

    /** Counts the request against its client. Rejects it also if {@code clientKey} throws. */
    private @Nullable Rejection enterCount(Exchange<R> exchange) {
        try {
            return isOneTooMany(exchange) ? Rejection.PER_CLIENT : null;
        } catch (Throwable failure) {
            ruleFailed(exchange, failure);
            return Rejection.DENIED;
        }
    }

    private void ruleFailed(Exchange<R> exchange, Throwable failure) {
        log.log(Level.ERROR, "rule failed", "a rule or clientKey threw; " + exchange.name() + " is rejected", failure);
    }

    private static boolean matches(List<PeerRule> rules, Request request) {
        if (!rules.isEmpty()) {
            for (PeerRule rule : rules) {
                if (rule.matches(request)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isOneTooMany(Exchange<R> exchange) {
        if (limits.perClient() == 0) {
            return false;
        }
        Object client = hooks.clientKey(exchange.request());
        boolean counted = false;
        while (!counted) {
            Integer count = perClient.putIfAbsent(client, 1);
            if (count != null && count >= limits.perClient()) {
                return true;
            }
            counted = count == null || perClient.replace(client, count, count + 1);
        }
        exchange.clientKey(client);
        return false;
    }

    /** Stops counting a request against its client. Has no effect the second time. */
    void leave(Exchange<R> exchange) {
        Object client = exchange.takeClientKey();
        if (client != null) {
            perClient.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** A token bucket: refills at a fixed rate up to the burst, and starts full. Used by the accept loop only. */
    static final class TokenBucket {
        private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

        /**
         * The time in ns that one token takes to refill. The balance is counted in ns too, which needs no fractions.
         */
        private final long price;

        private final long most;
        private final LongSupplier nanoTime;
        private long balance;
        private long countedAt;

        /** Creates a full bucket. A rate of 0 means no limit. */
        TokenBucket(int perSecond, int burst) {
            this(perSecond, burst, System::nanoTime);
        }

        /** Creates a full bucket with a clock that counts ns. */
        TokenBucket(int perSecond, int burst, LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            countedAt = nanoTime.getAsLong();
            // Rounded up, so that the rate is never exceeded.
            price = perSecond == 0 ? 0 : (SECOND + perSecond - 1) / perSecond;
            most = price * burst;
            balance = most;
        }

        /** Returns the time in ns until there is a token; 0 if there is one now. */
        long untilToken() {
            if (price == 0) {
                return 0;
            }
            long now = nanoTime.getAsLong();
            balance = Math.min(most, balance + (now - countedAt));
            countedAt = now;
            return Math.max(0, price - balance);
        }

        /** Takes a token. Returns false if there is none. */
        boolean take() {
            if (untilToken() > 0) {
                return false;
            }
            balance -= price;
            return true;
        }
    }
}
