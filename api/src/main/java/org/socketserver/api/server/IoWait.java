package org.socketserver.api.server;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Deadline;

/**
 * One direction of a connection: whether its thread waits in a read or a write, since when, and how many bytes went
 * over it.
 *
 * <p>The state is one number: 0 while no thread waits, otherwise the time at which the wait began, or a mark below 0
 * once a deadline or a stop has ended the wait. The waiting thread and the thread that ends the wait race on one CAS.
 * If the end comes first, the read counts as ended even if it has its bytes, which are dropped. Every wait has a
 * different start time, so an end that comes too late cannot affect a later wait.
 *
 * <p>{@link #begin}, {@link #finish} and {@link #transferred} are for the one thread that reads or writes, everything
 * else for any thread. A wait is published before its thread checks anything else.
 */
final class IoWait {
    /** A direction that no thread ever waits on. */
    static final IoWait NEVER = new IoWait();

    private static final VarHandle STATE;
    private static final VarHandle BYTES;
    private static final long ORIGIN = System.nanoTime();
    /** The mark of a wait that was ended by a stop. The marks of the deadlines are below it. */
    private static final long STOPPED = -1;

    private static final Deadline[] DEADLINES = Deadline.values();

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(IoWait.class, "state", long.class);
            BYTES = lookup.findVarHandle(IoWait.class, "bytes", long.class);
        } catch (ReflectiveOperationException never) {
            throw new ExceptionInInitializerError(never);
        }
    }

    private volatile long state;

    @SuppressWarnings("unused") // Used through its handle.
    private long bytes;

    // Used by the waiting thread only.
    private long lastBegun;
    private @Nullable Deadline endedBy;

    /** Returns the time in ns since this class was loaded, the clock of {@link #since}; at least 1. */
    static long now() {
        return at(System.nanoTime());
    }

    /** Returns a {@link System#nanoTime()} on the clock of {@link #since}. */
    static long at(long nanoTime) {
        return nanoTime - ORIGIN + 1;
    }

    /** Begins a wait. Returns its start time, which identifies it. */
    long begin() {
        long since = Math.max(now(), lastBegun + 1);
        lastBegun = since;
        state = since;
        return since;
    }

    /** Finishes a wait. Returns false if it was ended before, even if bytes were read or written. */
    boolean finish(long since) {
        if (STATE.compareAndSet(this, since, 0L)) {
            return true;
        }
        long mark = state;
        endedBy = mark == STOPPED ? null : DEADLINES[(int) (STOPPED - mark) - 1];
        state = 0;
        return false;
    }

    /** Returns the deadline that ended the last ended wait; null if a stop ended it. For the waiting thread only. */
    @Nullable
    Deadline endedBy() {
        return endedBy;
    }

    /**
     * Ends a wait, unless it has finished or was ended before.
     *
     * @param since its start time
     * @param why the deadline that has passed; null for a stop
     * @return true if this call has ended it
     */
    boolean end(long since, @Nullable Deadline why) {
        return since > 0 && STATE.compareAndSet(this, since, why == null ? STOPPED : STOPPED - 1 - why.ordinal());
    }

    /**
     * Returns the start time of the current wait; 0 if no thread waits, below 0 if the wait was ended but is not
     * finished.
     */
    long since() {
        return state;
    }

    boolean isWaiting() {
        return state != 0;
    }

    void transferred(int count) {
        BYTES.setRelease(this, (long) BYTES.get(this) + count);
    }

    long bytes() {
        return (long) BYTES.getAcquire(this);
    }
}
