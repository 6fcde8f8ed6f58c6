package org.socketserver.mixins;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.MixIn;

/**
 * The places of a mix-in that runs a bounded number of requests at once. The accept loop alone takes them, after it has
 * asked {@link #hasRoom()}, so the bound is exact; any thread gives them back, and wakes the loop if it waits for one.
 */
final class Slots {
    private final String what;
    private final AtomicInteger taken = new AtomicInteger();
    private volatile int limit;
    private volatile MixIn.@Nullable Host host;
    /** True while the accept loop waits for a slot, so that only then an ending request has to wake it. */
    private volatile boolean loopWaits;

    /**
     * Makes slots.
     *
     * @param what name of the option that sets the limit
     * @param limit how many there are
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
        // Announced before the second look: a request that ends in between sees either the slot taken or the wait.
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
