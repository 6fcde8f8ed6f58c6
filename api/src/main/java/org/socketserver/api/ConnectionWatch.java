package org.socketserver.api;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Looks from outside whether a connection keeps to its deadlines; all but {@link Deadline#REQUEST}, and the end of the
 * grace after {@link Deadline#AGE}, for which the thread of the handler must be known: see {@link RequestWatch}.
 *
 * <p>The limits are changed by handlers; {@link #sweep} runs on the sweeper's thread alone.
 */
final class ConnectionWatch implements DeadlineSweeper.Waiter {
    /** What a connection can have done to it from outside. */
    interface Subject {
        SocketAddress clientAddress();

        /** Wakes the read of that number with the deadline's exception, unless it has got its bytes. */
        void endInput(long read, Deadline why);

        /** Ends the input as soon as the connection is idle. */
        void drain(Deadline why);

        /** Closes the connection because of the write of that number, unless it has got rid of its bytes. */
        void endWrite(long write);
    }

    private static final Deadline[] WAITS = {Deadline.FIRST_BYTE, Deadline.IDLE, Deadline.READ, Deadline.WRITE};

    private final Subject subject;
    private final Traffic traffic;
    private final long began = System.nanoTime();

    /** In ns by deadline, 0 for none; shared by all connections of a server until a handler changes one of its own. */
    private volatile long[] limits;

    private final long age;
    private volatile boolean old;
    private volatile boolean writesOnly;

    // What the sweeper saw last.
    private long read;
    private long readSince = began;
    private long write;
    private long writeSince = began;
    private long moved;
    private long movedSince = began;

    ConnectionWatch(Subject subject, Traffic traffic, ServerOptions options) {
        this.subject = subject;
        this.traffic = traffic;
        limits = options.deadlineNanos();
        age = withJitter(limits[Deadline.AGE.ordinal()], options.ageJitter());
    }

    private static long withJitter(long time, int percent) {
        long most = (long) (time / 100.0 * percent);
        return most == 0
                ? time
                : Math.max(1, time - most + ThreadLocalRandom.current().nextLong(2 * most + 1));
    }

    /** How long that may take in ns, 0 for no limit. */
    long limit(Deadline deadline) {
        return deadline == Deadline.AGE ? age : limits[deadline.ordinal()];
    }

    void limit(Deadline deadline, long nanos) {
        long[] changed = limits.clone();
        changed[deadline.ordinal()] = nanos;
        limits = changed;
        begin();
    }

    /** Begins to look, or looks as often as the limits need now. */
    void begin() {
        long shortest = age == 0 ? Long.MAX_VALUE : age;
        for (Deadline deadline : WAITS) {
            long limit = limit(deadline);
            shortest = limit == 0 ? shortest : Math.min(shortest, limit);
        }
        if (shortest == Long.MAX_VALUE) {
            end();
        } else {
            DeadlineSweeper.INSTANCE.watch(this, shortest);
        }
    }

    /** Looks only at writes from now on; all else is somebody else's business. */
    void onlyWrites() {
        writesOnly = true;
    }

    void end() {
        DeadlineSweeper.INSTANCE.forget(this);
    }

    /** Returns whether the connection has reached its maximum age. */
    boolean isOld() {
        return old;
    }

    DeadlineException exception(Deadline deadline) {
        return DeadlineException.of(deadline, subject.clientAddress(), limit(deadline));
    }

    @Override
    public void sweep(long now) {
        long bytes = traffic.bytesIn() + traffic.bytesOut();
        if (bytes != moved) {
            moved = bytes;
            movedSince = System.nanoTime();
        }
        sweepWrite(now);
        if (!writesOnly) {
            sweepRead(now);
            sweepAge(now);
        }
    }

    /** Ends a read only at the second look: the one that has just begun may find its bytes, whatever time it is. */
    private void sweepRead(long now) {
        long current = traffic.reads();
        if (current != read) {
            read = current;
            // The time of now: the round may be a long one, and the read have begun during it.
            readSince = System.nanoTime();
        } else if (Traffic.isWaiting(current)) {
            Deadline before = traffic.bytesIn() == 0 ? Deadline.FIRST_BYTE : Deadline.IDLE;
            long since = before == Deadline.FIRST_BYTE ? began : Math.max(movedSince, readSince);
            if (isOver(before, since, now)) {
                subject.endInput(current, before);
            } else if (isOver(Deadline.READ, readSince, now)) {
                subject.endInput(current, Deadline.READ);
            }
        }
    }

    private void sweepWrite(long now) {
        long current = traffic.writes();
        if (current != write) {
            write = current;
            writeSince = System.nanoTime();
        } else if (Traffic.isWaiting(current) && isOver(Deadline.WRITE, writeSince, now)) {
            subject.endWrite(current);
        }
    }

    private void sweepAge(long now) {
        if (age > 0 && now - began >= age) {
            old = true;
            subject.drain(Deadline.AGE);
        }
    }

    private boolean isOver(Deadline deadline, long since, long now) {
        long limit = limits[deadline.ordinal()];
        return limit > 0 && now - since >= limit;
    }

    @Override
    public String toString() {
        return "deadlines of " + AddressText.of(subject.clientAddress()) + " since "
                + Duration.ofNanos(System.nanoTime() - began);
    }
}
