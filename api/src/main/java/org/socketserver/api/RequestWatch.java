package org.socketserver.api;

/**
 * Looks from outside whether a request takes too long as a whole, whether a connection that is too old does not become
 * idle, and whether a handler is stuck. Runs on the sweeper's thread.
 */
final class RequestWatch implements DeadlineSweeper.Waiter {
    private final ActiveRequest<?> active;
    private final long limit;
    private final long age;
    private final long oldest;
    private final long grace;
    private final long stuckAfter;
    private final Telemetry telemetry;

    // What the sweeper saw last.
    private long moved;
    private long busySince;
    private boolean reported;

    private RequestWatch(ActiveRequest<?> active, ServerOptions options, Telemetry telemetry) {
        this.active = active;
        this.telemetry = telemetry;
        limit = options.deadlineNanos()[Deadline.REQUEST.ordinal()];
        age = active.request() instanceof StreamRequest connection
                ? Durations.nanos(connection.deadline(Deadline.AGE))
                : 0;
        oldest = (long) (options.deadlineNanos()[Deadline.AGE.ordinal()] / 100.0 * (100 + options.ageJitter()));
        grace = Durations.nanos(options.grace());
        stuckAfter = Durations.nanos(options.stuckAfter());
        busySince = active.began();
    }

    /** Begins to look after a request, if the options of its server ask for that. */
    static void begin(ActiveRequest<?> active, ServerOptions options, Telemetry telemetry) {
        long[] limits = options.deadlineNanos();
        if (limits[Deadline.REQUEST.ordinal()] > 0
                || limits[Deadline.AGE.ordinal()] > 0
                || !options.stuckAfter().isZero()) {
            new RequestWatch(active, options, telemetry).begin();
        }
    }

    private void begin() {
        long shortest = Math.min(orNever(limit), Math.min(orNever(age), orNever(stuckAfter)));
        if (shortest < Long.MAX_VALUE) {
            active.watch(this);
            DeadlineSweeper.INSTANCE.watch(this, shortest);
        }
    }

    private static long orNever(long nanos) {
        return nanos == 0 ? Long.MAX_VALUE : nanos;
    }

    /** Looks after the request no more. */
    static void end(ActiveRequest<?> active) {
        DeadlineSweeper.Waiter watch = active.watch();
        if (watch != null) {
            DeadlineSweeper.INSTANCE.forget(watch);
        }
    }

    @Override
    public void sweep(long now) {
        long passed = now - active.began();
        if (limit > 0 && passed >= limit) {
            expire(Deadline.REQUEST, limit);
        }
        if (age > 0 && passed - ageOf(active) >= grace) {
            expire(Deadline.AGE, age);
        }
        if (stuckAfter > 0) {
            sweepStuck(now);
        }
    }

    /** How old the connection may become; where it is handled elsewhere, its jitter is drawn there. */
    private long ageOf(ActiveRequest<?> request) {
        return request.remote() == null ? age : oldest;
    }

    private void expire(Deadline deadline, long nanos) {
        active.expire(DeadlineException.of(deadline, active.request().clientAddress(), nanos));
    }

    private void sweepStuck(long now) {
        Request request = active.request();
        long bytes = request.bytesIn() + request.bytesOut();
        if (bytes != moved || request.isWaiting() || !active.isRunning()) {
            moved = bytes;
            busySince = now;
        } else if (!reported && now - busySince >= stuckAfter && isSeen()) {
            reported = true;
            telemetry.requestStuck(active.picture());
        }
    }

    /**
     * Returns whether it is known what the handler does. Of a handler in another process nothing is known until its
     * first report.
     */
    private boolean isSeen() {
        RemoteHandling remote = active.remote();
        return remote == null || !remote.stack().isEmpty();
    }
}
