package org.socketserver.api.server;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.Checks;

/**
 * All time limits of one request: its deadlines, and the time after which its handler is reported as stuck.
 *
 * <p>Reads and writes set no timer. {@link #sweep} runs on the sweeper's thread and checks when they began. The limits
 * may be set by any thread.
 *
 * <p>The limits of reads and writes apply from when the connection is accepted. Those of the whole request and of a
 * stuck handler apply once the request is admitted: {@link #attach}.
 */
final class RequestTimer implements DeadlineSweeper.Waiter {
    private static final Deadline[] WAITS = {Deadline.FIRST_BYTE, Deadline.IDLE, Deadline.READ, Deadline.WRITE};

    private final ServerRequest request;
    private final IoWait reads;
    private final IoWait writes;
    private final ServerOptions options;
    private final long began = IoWait.now();
    private final long age;

    /** The limits in ns by deadline, 0 for none; null until the handler changes one. */
    private volatile long @Nullable [] own;

    private volatile @Nullable Exchange<?> exchange;
    /** When the current handshake began; 0 if there is none. */
    private volatile long handshake;
    /** When sending the end of the output began; 0 if it is not in progress. */
    private volatile long outputEnd;
    /** From when on the handler may read: when the connection was accepted, or its handshake was over. */
    private volatile long opened = began;

    // What the last sweep saw.
    private long read;
    private long moved;
    private long movedAt = began;
    private long busySince = began;
    private boolean reportedStuck;

    RequestTimer(ServerRequest request, IoWait reads, IoWait writes, ServerOptions options) {
        this.request = request;
        this.reads = reads;
        this.writes = writes;
        this.options = options;
        age = withJitter(Checks.nanos(options.deadline(Deadline.AGE)), options.ageJitter());
    }

    private static long withJitter(long time, int percent) {
        long most = (long) (time / 100.0 * percent);
        return most == 0
                ? time
                : Math.max(1, time - most + ThreadLocalRandom.current().nextLong(2 * most + 1));
    }

    /** Returns for how many ns the handler could read at a {@link System#nanoTime()}. */
    long openFor(long nanoTime) {
        return IoWait.at(nanoTime) - opened;
    }

    /** Starts the deadline of a handshake. It applies to the request once it is attached. */
    void handshakeBegins() {
        handshake = IoWait.now();
        start();
    }

    void handshakeEnds() {
        opened = IoWait.now();
        handshake = 0;
        start();
    }

    /** Starts the deadline of a write for the end of the output, which a layer may have to send. */
    void outputEndBegins() {
        outputEnd = IoWait.now();
    }

    void outputEndIsSent() {
        outputEnd = 0;
    }

    /** Returns whether a thread is in a handshake, or sends the end of the output. */
    boolean isWaiting() {
        return handshake > 0 || outputEnd > 0;
    }

    /** Returns the limit of a deadline in ns; 0 for no limit. */
    long limit(Deadline deadline) {
        long[] limits = own;
        if (deadline == Deadline.AGE) {
            return age;
        }
        return limits == null ? Checks.nanos(options.deadline(deadline)) : limits[deadline.ordinal()];
    }

    void limit(Deadline deadline, long nanos) {
        Deadline[] all = Deadline.values();
        long[] changed = new long[all.length];
        for (Deadline one : all) {
            changed[one.ordinal()] = one == deadline ? nanos : limit(one);
        }
        own = changed;
        start();
    }

    /** Creates the exception of a deadline. */
    DeadlineException exception(Deadline deadline) {
        String peer = AddressText.of(request.clientAddress());
        String time = TimeUnit.NANOSECONDS.toMillis(limit(deadline)) + " ms";
        String message = switch (deadline) {
            case HANDSHAKE -> peer + " did not complete its handshake within " + time;
            case FIRST_BYTE -> peer + " sent no first byte within " + time;
            case IDLE -> "the connection of " + peer + " was quiet for " + time;
            case READ -> peer + " sent nothing for " + time;
            case WRITE -> peer + " took no output for " + time;
            case REQUEST -> "the request of " + peer + " took longer than " + time;
            case AGE -> "the connection of " + peer + " has reached its age of " + time;
        };
        return new DeadlineException(deadline, message);
    }

    /** Starts to check the limits, or adapts how often they are checked. */
    void start() {
        long shortest = orNever(age);
        for (Deadline deadline : WAITS) {
            shortest = Math.min(shortest, orNever(limit(deadline)));
        }
        if (handshake > 0) {
            shortest = Math.min(shortest, orNever(limit(Deadline.HANDSHAKE)));
        }
        if (exchange != null) {
            shortest = Math.min(shortest, orNever(limit(Deadline.REQUEST)));
            shortest = Math.min(shortest, orNever(Checks.nanos(options.stuckAfter())));
        }
        if (shortest == Long.MAX_VALUE) {
            stop();
        } else {
            DeadlineSweeper.INSTANCE.watch(this, shortest);
        }
    }

    private static long orNever(long nanos) {
        return nanos == 0 ? Long.MAX_VALUE : nanos;
    }

    /** Checks the limits of the whole request too, from now on. */
    void attach(Exchange<?> admitted) {
        exchange = admitted;
        if (limit(Deadline.REQUEST) > 0 || !options.stuckAfter().isZero()) {
            start();
        }
    }

    /**
     * Stops, unless the request is admitted. The limits of the whole request apply until the server stops the timer.
     */
    void connectionClosed() {
        if (exchange == null) {
            stop();
        }
    }

    void stop() {
        DeadlineSweeper.INSTANCE.forget(this);
    }

    @Override
    public void sweep(long nanoTime) {
        long now = IoWait.at(nanoTime);
        Exchange<?> admitted = exchange;
        long bytes = request.bytesIn() + request.bytesOut();
        if (bytes != moved) {
            moved = bytes;
            movedAt = now;
            busySince = now;
        }
        sweepWrite(now);
        sweepOutputEnd(now);
        sweepHandshake(admitted, now);
        // The timer of another process that handles the request checks the rest.
        if (request.remote() == null) {
            sweepRead(now);
            if (age > 0 && now - began >= age) {
                request.drain(Deadline.AGE);
            }
        }
        if (admitted != null) {
            sweepRequest(admitted, now);
            sweepStuck(admitted, now);
        }
    }

    /**
     * Ends a read only if the last sweep has seen it too, because a read that has just begun may find its bytes at
     * once.
     */
    private void sweepRead(long now) {
        long since = reads.since();
        boolean seenBefore = since == read;
        read = since;
        if (since == 0 || !seenBefore) {
            return;
        }
        Deadline quiet = reads.bytes() == 0 ? Deadline.FIRST_BYTE : Deadline.IDLE;
        long quietSince = quiet == Deadline.FIRST_BYTE ? opened : Math.max(since, movedAt);
        if (isOver(quiet, quietSince, now)) {
            request.endRead(since, quiet);
        } else if (isOver(Deadline.READ, since, now)) {
            request.endRead(since, Deadline.READ);
        }
    }

    private void sweepWrite(long now) {
        long since = writes.since();
        if (since > 0 && isOver(Deadline.WRITE, since, now)) {
            request.endWrite(since);
        }
    }

    private void sweepOutputEnd(long now) {
        long since = outputEnd;
        if (since > 0 && isOver(Deadline.WRITE, since, now)) {
            request.expire(exception(Deadline.WRITE));
        }
    }

    private void sweepHandshake(@Nullable Exchange<?> admitted, long now) {
        long since = handshake;
        if (since == 0 || !isOver(Deadline.HANDSHAKE, since, now)) {
            return;
        }
        DeadlineException over = exception(Deadline.HANDSHAKE);
        if (admitted == null) {
            // In a worker process, whose requests are admitted by the server.
            request.expire(over);
        } else {
            admitted.end(new Ending.Expired(over));
        }
    }

    private boolean isOver(Deadline deadline, long since, long now) {
        long limit = limit(deadline);
        return limit > 0 && now - since >= limit;
    }

    private void sweepRequest(Exchange<?> admitted, long now) {
        if (admitted.ending() != null) {
            return;
        }
        if (isOver(Deadline.REQUEST, began, now)) {
            admitted.end(new Ending.Expired(exception(Deadline.REQUEST)));
        } else if (age > 0 && now - began - latestAge() >= Checks.nanos(options.grace())) {
            admitted.end(new Ending.Expired(exception(Deadline.AGE)));
        }
    }

    /**
     * Returns the maximum age of the connection. A worker chooses the jitter itself, so for a remote handler this
     * includes the maximum jitter.
     */
    private long latestAge() {
        return request.remote() == null
                ? age
                : (long) (Checks.nanos(options.deadline(Deadline.AGE)) / 100.0 * (100 + options.ageJitter()));
    }

    private void sweepStuck(Exchange<?> admitted, long now) {
        long limit = Checks.nanos(options.stuckAfter());
        if (limit == 0) {
            return;
        }
        if (request.isWaiting() || !admitted.isRunning() || !admitted.isStackKnown()) {
            busySince = now;
        } else if (!reportedStuck && now - busySince >= limit) {
            reportedStuck = true;
            admitted.reportStuck();
        }
    }
}
