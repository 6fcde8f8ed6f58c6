package org.socketserver.api;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Looks from outside whether a connection keeps to its deadlines; all but {@link Deadline#REQUEST}, for which the thread of
 * the handler must be known.
 *
 * <p>The limits are changed by handlers; {@link #sweep} runs on the sweeper's thread alone.
 */
final class ConnectionWatch implements DeadlineSweeper.Waiter {
    private static final Deadline[] WAITS = {Deadline.FIRST_BYTE, Deadline.IDLE, Deadline.READ, Deadline.WRITE};

    private final ConnectionRequest request;
    private final Traffic traffic;
    private final long began = System.nanoTime();
    private final long grace;

    /** In ns by deadline, 0 for none; shared by all connections of a server until a handler changes one of its own. */
    private volatile long[] limits;

    private final long age;
    private volatile boolean old;

    // What the sweeper saw last.
    private long read;
    private long readSince = began;
    private long write;
    private long writeSince = began;
    private long moved;
    private long movedSince = began;

    ConnectionWatch(ConnectionRequest request, Traffic traffic, ServerOptions options) {
        this.request = request;
        this.traffic = traffic;
        limits = options.deadlineNanos();
        grace = Durations.nanos(options.grace());
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

    void end() {
        DeadlineSweeper.INSTANCE.forget(this);
    }

    /** Tells whether the connection has passed its age. */
    boolean isOld() {
        return old;
    }

    DeadlineException exception(Deadline deadline, String peer) {
        String time = TimeUnit.NANOSECONDS.toMillis(limit(deadline)) + " ms";
        return deadline.exception(
                switch (deadline) {
                    case FIRST_BYTE -> peer + " sent no first byte within " + time;
                    case IDLE -> "the connection of " + peer + " was quiet for " + time;
                    case READ -> peer + " sent nothing for " + time;
                    case WRITE -> peer + " took no output for " + time;
                    case AGE -> "the connection of " + peer + " has reached its age of " + time;
                    case REQUEST -> throw new IllegalArgumentException("not for connections alone");
                });
    }

    @Override
    public void sweep(long now) {
        long bytes = traffic.bytesIn() + traffic.bytesOut();
        if (bytes != moved) {
            moved = bytes;
            movedSince = now;
        }
        sweepRead(now);
        sweepWrite(now);
        sweepAge(now);
    }

    private void sweepRead(long now) {
        long current = traffic.reads();
        if (current != read || !Traffic.isWaiting(current)) {
            read = current;
            readSince = now;
        }
        if (!Traffic.isWaiting(current)) {
            return;
        }
        if (traffic.bytesIn() == 0 ? isOver(Deadline.FIRST_BYTE, began, now) : isOver(Deadline.IDLE, movedSince, now)) {
            request.endInput(traffic.bytesIn() == 0 ? Deadline.FIRST_BYTE : Deadline.IDLE);
        } else if (isOver(Deadline.READ, readSince, now)) {
            request.endInput(Deadline.READ);
        }
    }

    private void sweepWrite(long now) {
        long current = traffic.writes();
        if (current != write || !Traffic.isWaiting(current)) {
            write = current;
            writeSince = now;
        } else if (isOver(Deadline.WRITE, writeSince, now)) {
            expire(Deadline.WRITE);
        }
    }

    private void sweepAge(long now) {
        if (age > 0 && now - began >= age) {
            old = true;
            request.drain(Deadline.AGE);
            if (now - began - age >= grace) {
                expire(Deadline.AGE);
            }
        }
    }

    private void expire(Deadline deadline) {
        request.expire(exception(deadline, AddressText.of(request.clientAddress())));
    }

    private boolean isOver(Deadline deadline, long since, long now) {
        long limit = limits[deadline.ordinal()];
        return limit > 0 && now - since >= limit;
    }

    @Override
    public String toString() {
        return "deadlines of " + AddressText.of(request.clientAddress()) + " since "
                + Duration.ofNanos(System.nanoTime() - began);
    }
}
