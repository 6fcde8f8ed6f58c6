package org.socketserver.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What has gone over one connection, and whether somebody waits on it: written by the threads that read and write,
 * looked at from outside by deadlines and stops.
 *
 * <p>A wait is announced by making a count odd and taken back by making it even. That is all that a deadline costs a
 * read or a write. The announcement is seen before anything that its thread looks at afterwards, so that of one who
 * waits and one who closes at least one sees the other.
 *
 * <p>A read or a write can be ended from outside, by a mark in its count. Of the one who gets or gets rid of bytes and
 * the one who ends the wait only one succeeds, so what was read or written in time is never followed by an end that
 * came from us.
 */
final class Traffic {
    private static final VarHandle READS;
    private static final VarHandle WRITES;
    private static final VarHandle UNANSWERED;
    private static final VarHandle BYTES_IN;
    private static final VarHandle BYTES_OUT;

    /** Where in a count the mark is; below it the count has room for 10^16 reads or writes. */
    private static final int MARK = 56;

    private static final long COUNT = (1L << MARK) - 1;
    /** The mark of what was ended without a deadline, or by the only one there is for it. */
    private static final long PLAIN_MARK = 0x7f;

    private static final Deadline[] DEADLINES = Deadline.values();

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            READS = lookup.findVarHandle(Traffic.class, "reads", long.class);
            WRITES = lookup.findVarHandle(Traffic.class, "writes", long.class);
            UNANSWERED = lookup.findVarHandle(Traffic.class, "unanswered", boolean.class);
            BYTES_IN = lookup.findVarHandle(Traffic.class, "bytesIn", long.class);
            BYTES_OUT = lookup.findVarHandle(Traffic.class, "bytesOut", long.class);
        } catch (ReflectiveOperationException never) {
            throw new ExceptionInInitializerError(never);
        }
    }

    /** Odd while a read waits; made odd and even by the reading thread, marked by others. */
    @SuppressWarnings("unused")
    private long reads;
    /** Odd while a write waits; made odd and even by the writing thread, marked by others. */
    @SuppressWarnings("unused")
    private long writes;
    /** True from the first byte read until something is written. */
    @SuppressWarnings("unused")
    private boolean unanswered;

    /** Stored by the reading thread alone. */
    @SuppressWarnings("unused")
    private long bytesIn;
    /** Stored by the writing thread alone. */
    @SuppressWarnings("unused")
    private long bytesOut;

    /** The mark of the read that ended last; of the reading thread alone. */
    private long mark;

    /** The reading thread begins to wait. */
    void readBegins() {
        READS.setVolatile(this, (long) READS.get(this) + 1);
    }

    /** The reading thread waits no more; false if somebody has ended the read, whatever it has got. */
    boolean readEnds() {
        long read = (long) READS.getAcquire(this) & COUNT;
        if (READS.compareAndSet(this, read, read + 1)) {
            return true;
        }
        mark = (long) READS.getAcquire(this) >>> MARK;
        READS.setRelease(this, read + 1);
        return false;
    }

    /** Which deadline has ended the read that ended last; null if it was none. Of the reading thread alone. */
    @Nullable
    Deadline readEndedBy() {
        return mark == PLAIN_MARK ? null : DEADLINES[(int) mark - 1];
    }

    /**
     * Ends a read from outside, unless it has got its bytes already.
     *
     * @param read its number, as {@link #reads()} gave it
     * @param why the deadline that is over, null for none
     * @return true for the one who has ended it
     */
    boolean endRead(long read, @Nullable Deadline why) {
        long marked = read | (why == null ? PLAIN_MARK : why.ordinal() + 1L) << MARK;
        return isWaiting(read) && read <= COUNT && READS.compareAndSet(this, read, marked);
    }

    /** The writing thread begins to wait. */
    void writeBegins() {
        WRITES.setVolatile(this, (long) WRITES.get(this) + 1);
    }

    /** The writing thread waits no more; false if its deadline has ended the write, whatever was written. */
    boolean writeEnds() {
        long write = (long) WRITES.getAcquire(this) & COUNT;
        if (WRITES.compareAndSet(this, write, write + 1)) {
            return true;
        }
        WRITES.setRelease(this, write + 1);
        return false;
    }

    /**
     * Ends a write from outside, unless it has got rid of its bytes already.
     *
     * @param write its number, as {@link #writes()} gave it
     * @return true for the one who has ended it
     */
    boolean endWrite(long write) {
        return isWaiting(write) && write <= COUNT && WRITES.compareAndSet(this, write, write | PLAIN_MARK << MARK);
    }

    /** The reading thread has got bytes. */
    void received(int count) {
        BYTES_IN.setRelease(this, (long) BYTES_IN.get(this) + count);
        UNANSWERED.setRelease(this, true);
    }

    /** The writing thread has got rid of bytes. */
    void sent(int count) {
        BYTES_OUT.setRelease(this, (long) BYTES_OUT.get(this) + count);
    }

    /** The writing thread has written all it wanted. */
    void answered() {
        UNANSWERED.setRelease(this, false);
    }

    /**
     * The number of the read that waits, odd, or of those that have ended, even; greater than any other once it is
     * ended.
     */
    long reads() {
        return (long) READS.getAcquire(this);
    }

    /**
     * The number of the write that waits, odd, or of those that have ended, even; greater than any other once it is
     * ended.
     */
    long writes() {
        return (long) WRITES.getAcquire(this);
    }

    boolean isReading() {
        return isWaiting(reads());
    }

    boolean isWriting() {
        return isWaiting(writes());
    }

    /** Returns whether a count stands for a wait. */
    static boolean isWaiting(long count) {
        return (count & 1) == 1;
    }

    /** Returns whether bytes were read since the last write. */
    boolean isUnanswered() {
        return (boolean) UNANSWERED.getAcquire(this);
    }

    long bytesIn() {
        return (long) BYTES_IN.getAcquire(this);
    }

    long bytesOut() {
        return (long) BYTES_OUT.getAcquire(this);
    }
}
