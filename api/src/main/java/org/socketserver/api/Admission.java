package org.socketserver.api;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.log.EventLog;

/**
 * Decides by the {@link Limits} whether a request is let in. Runs on the accept loop, which alone lets requests in, so
 * each bound is exact; {@link #leave} runs on any thread.
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

    /** Returns whether the next request would have to wait for room and should not be fetched now. */
    boolean mustWait(MixIn mixIn) {
        return limits.whenFull().waits() && !mixIn.hasCapacity();
    }

    /** How long no request shall be fetched because the rate is used up, in ns; 0 if it is not, or nobody waits. */
    long untilNext() {
        return limits.whenFull().waits() ? rate.untilToken() : 0;
    }

    /** What a peer is told that is refused for that reason; empty for nothing. */
    byte[] answer(Refusal refusal) {
        return switch (refusal) {
            case RATE, FULL, PER_CLIENT -> limits.whenFull().answer();
            case DENIED, NOT_VERIFIED, NO_DESCRIPTORS -> WhenFull.REFUSE.answer();
        };
    }

    /** Lets a request in, or tells why not. What a rule or {@code clientKey} throws refuses it. */
    @Nullable
    Refusal enter(ActiveRequest<R> active, MixIn mixIn) {
        try {
            if (!isAllowed(active.request())) {
                return Refusal.DENIED;
            }
            if (!rate.take()) {
                return Refusal.RATE;
            }
            if (!limits.whenFull().waits() && !mixIn.hasCapacity()) {
                return Refusal.FULL;
            }
            return isOneTooMany(active) ? Refusal.PER_CLIENT : null;
        } catch (Throwable failure) {
            log.log(Level.ERROR, "rule failed", "a rule or clientKey threw; " + active.name() + " is refused", failure);
            return Refusal.DENIED;
        }
    }

    private boolean isAllowed(R request) {
        return (limits.allowed().isEmpty() || matches(limits.allowed(), request)) && !matches(limits.denied(), request);
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

    private boolean isOneTooMany(ActiveRequest<R> active) {
        if (limits.perClient() == 0) {
            return false;
        }
        Object client = hooks.clientKey(active.request());
        if (perClient.getOrDefault(client, 0) >= limits.perClient()) {
            return true;
        }
        perClient.merge(client, 1, Integer::sum);
        active.client(client);
        return false;
    }

    /** Forgets a request whose handler has ended, or that has ended without one; without effect the second time. */
    void leave(ActiveRequest<R> active) {
        Object client = active.takeClient();
        if (client != null) {
            perClient.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
        }
    }
}
