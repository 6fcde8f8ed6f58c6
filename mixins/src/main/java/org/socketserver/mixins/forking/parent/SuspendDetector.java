package org.socketserver.mixins.forking.parent;

import java.util.concurrent.TimeUnit;

/**
 * Notices that this process stood still, as after SIGSTOP and SIGCONT: then the silence of its workers was its own, or
 * theirs as well, and what they say is heard before anybody is killed for it.
 *
 * <p>Any thread may ask.
 */
final class SuspendDetector {
    /** Who looks that much later than the last time has stood still. */
    private static final long LATE = TimeUnit.SECONDS.toNanos(1);

    /** How long workers have to be heard. */
    private static final long HEARING = TimeUnit.MILLISECONDS.toNanos(500);

    /** No other standstill counts sooner, or an overloaded machine would never kill anybody. */
    private static final long NEXT = TimeUnit.SECONDS.toNanos(5);

    // Guarded by this.
    private long looked;
    private long over;

    SuspendDetector(long now) {
        looked = now;
        over = now - NEXT;
    }

    /** Returns whether it is too early to judge. To be called several times a second. */
    synchronized boolean isOn(long now) {
        if (now - looked >= LATE && now - over >= NEXT) {
            over = now + HEARING;
        }
        looked = now;
        return now - over < 0;
    }
}
