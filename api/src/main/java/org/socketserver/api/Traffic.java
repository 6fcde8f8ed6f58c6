package org.socketserver.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What has gone over one connection, and whether somebody waits on it: written by the threads that read and write, looked at
 * from outside by deadlines and stops.
 *
 * <p>A wait is announced by making a count odd and taken back by making it even. That is all that a deadline costs a read or
 * a write: two stores. The first one is seen before anything that its thread looks at afterwards, so that of one who waits and
 * one who closes at least one sees the other.
 */
final class Traffic {
    private static final VarHandle READS;
    private static final VarHandle WRITES;
    private static final VarHandle UNANSWERED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            READS = lookup.findVarHandle(Traffic.class, "reads", long.class);
            WRITES = lookup.findVarHandle(Traffic.class, "writes", long.class);
            UNANSWERED = lookup.findVarHandle(Traffic.class, "unanswered", boolean.class);
        } catch (ReflectiveOperationException never) {
            throw new ExceptionInInitializerError(never);
        }
    }

    /** Odd while a read waits; stored by the reading thread alone. */
    @SuppressWarnings("unused")
    private long reads;
    /** Odd while a write waits; stored by the writing thread alone. */
    @SuppressWarnings("unused")
    private long writes;
    /** True from the first byte read until something is written. */
    @SuppressWarnings("unused")
    private boolean unanswered;

    private volatile long bytesIn;
    private volatile long bytesOut;

    /** The reading thread begins to wait. */
    void readBegins() {
        READS.setVolatile(this, (long) READS.get(this) + 1);
    }

    /** The reading thread waits no more. */
    void readEnds() {
        READS.setRelease(this, (long) READS.get(this) + 1);
    }

    /** The writing thread begins to wait. */
    void writeBegins() {
        WRITES.setVolatile(this, (long) WRITES.get(this) + 1);
    }

    /** The writing thread waits no more. */
    void writeEnds() {
        WRITES.setRelease(this, (long) WRITES.get(this) + 1);
    }

    /** The reading thread has got bytes. */
    void received(int count) {
        bytesIn += count;
        UNANSWERED.setRelease(this, true);
    }

    /** The writing thread has got rid of bytes. */
    void sent(int count) {
        bytesOut += count;
    }

    /** The writing thread has written all it wanted. */
    void answered() {
        UNANSWERED.setRelease(this, false);
    }

    /** The number of the read that waits, odd, or of those that have ended, even. */
    long reads() {
        return (long) READS.getAcquire(this);
    }

    /** The number of the write that waits, odd, or of those that have ended, even. */
    long writes() {
        return (long) WRITES.getAcquire(this);
    }

    boolean isReading() {
        return isWaiting(reads());
    }

    boolean isWriting() {
        return isWaiting(writes());
    }

    /** Tells whether a count stands for a wait. */
    static boolean isWaiting(long count) {
        return (count & 1) == 1;
    }

    /** Tells whether bytes were read since the last write. */
    boolean isUnanswered() {
        return (boolean) UNANSWERED.getAcquire(this);
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }
}
