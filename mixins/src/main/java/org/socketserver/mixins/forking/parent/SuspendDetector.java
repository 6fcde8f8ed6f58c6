package org.socketserver.mixins.forking.parent;

import java.util.concurrent.TimeUnit;

/**
 * Detects that this process was suspended, for example by SIGSTOP. Its workers then appear to be silent, so their
 * messages are received before any of them is killed.
 *
 * <p>Any thread may call.
 */
final class SuspendDetector {
    /** A call that comes so much later than the one before means that the process was suspended. */
    private static final long LATE = TimeUnit.SECONDS.toNanos(1);

    /** How long messages of workers are received before any is killed. */
    private static final long HEARING = TimeUnit.MILLISECONDS.toNanos(500);

    /** The minimum time between two suspensions; otherwise an overloaded machine would never kill a worker. */
    private static final long NEXT = TimeUnit.SECONDS.toNanos(5);

    // Guarded by this.
    private long looked;
    private long over;

    SuspendDetector(long now) {
        looked = now;
        over = now - NEXT;
    }

    /** Returns whether it is too early to kill workers. Must be called several times a second. */
    synchronized boolean isOn(long now) {
        if (now - looked >= LATE && now - over >= NEXT) {
            over = now + HEARING;
        }
        looked = now;
        return now - over < 0;
    }
}
