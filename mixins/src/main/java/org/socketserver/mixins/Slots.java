package org.socketserver.mixins;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.MixIn;

/**
 * The slots of a mix-in that runs a limited number of requests at the same time. One thread at a time takes slots, the
 * accept loop or that of a handshake, after {@link #hasRoom()} has returned true, so the limit is exact. Any thread
 * returns them, and wakes the one that waits.
 */
final class Slots {
    private final String what;
    private final AtomicInteger taken = new AtomicInteger();
    private volatile int limit;
    private volatile MixIn.@Nullable Host host;
    /** True while a thread waits for a slot. Only then does a request that ends have to wake it. */
    private volatile boolean loopWaits;

    /**
     * Creates slots.
     *
     * @param what the name of the option that sets the limit
     * @param limit the number of slots
     */
    Slots(String what, int limit) {
        this.what = what;
        this.limit = limit;
    }

    void attach(MixIn.Host newHost) {
        MixIn.Host other = host;
        if (other != null) {
            throw new IllegalStateException("this mix-in belongs to " + other.name() + "; make one for each server");
        }
        host = newHost;
    }

    void limit(int newLimit) {
        if (newLimit < 1) {
            throw new IllegalArgumentException(what + " is " + newLimit + " requests; it must be 1 request or more");
        }
        limit = newLimit;
        wakeLoop();
    }

    int limit() {
        return limit;
    }

    int taken() {
        return taken.get();
    }

    boolean hasRoom() {
        if (taken.get() < limit) {
            return true;
        }
        // Announced before the second check, so that a slot returned in between is either seen or wakes the loop.
        loopWaits = true;
        return taken.get() < limit;
    }

    void take() {
        taken.incrementAndGet();
    }

    void giveBack() {
        taken.decrementAndGet();
        wakeLoop();
    }

    private void wakeLoop() {
        MixIn.Host current = host;
        if (loopWaits && current != null) {
            loopWaits = false;
            current.wakeup();
        }
    }
}
