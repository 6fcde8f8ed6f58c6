package org.socketserver.api;

import java.util.function.Consumer;

/**
 * Looks from outside whether a request takes too long as a whole, and whether its handler is stuck. Runs on the sweeper's
 * thread.
 */
final class RequestWatch implements DeadlineSweeper.Waiter {
    private final ActiveRequest<?> active;
    private final long limit;
    private final long stuckAfter;
    private final Consumer<LiveRequest> stuckReport;

    // What the sweeper saw last.
    private long moved;
    private long busySince;
    private boolean reported;

    private RequestWatch(ActiveRequest<?> active, long limit, long stuckAfter, Consumer<LiveRequest> stuckReport) {
        this.active = active;
        this.limit = limit;
        this.stuckAfter = stuckAfter;
        this.stuckReport = stuckReport;
        busySince = active.began();
    }

    /** Begins to look after a request, if the options of its server ask for that. */
    static void begin(ActiveRequest<?> active, ServerOptions options, Consumer<LiveRequest> stuckReport) {
        long limit = options.deadlineNanos()[Deadline.REQUEST.ordinal()];
        long stuckAfter = Durations.nanos(options.stuckAfter());
        if (limit > 0 || stuckAfter > 0) {
            RequestWatch watch = new RequestWatch(active, limit, stuckAfter, stuckReport);
            active.watch(watch);
            long shortest = limit == 0 ? stuckAfter : stuckAfter == 0 ? limit : Math.min(limit, stuckAfter);
            DeadlineSweeper.INSTANCE.watch(watch, shortest);
        }
    }

    /** Looks after the request no more. */
    static void end(ActiveRequest<?> active) {
        RequestWatch watch = active.watch();
        if (watch != null) {
            DeadlineSweeper.INSTANCE.forget(watch);
        }
    }

    @Override
    public void sweep(long now) {
        if (limit > 0 && now - active.began() >= limit) {
            active.expire(new RequestTimeoutException(
                    "the request of " + AddressText.of(active.request().clientAddress()) + " took longer than "
                            + limit / 1_000_000 + " ms"));
        }
        if (stuckAfter > 0) {
            sweepStuck(now);
        }
    }

    private void sweepStuck(long now) {
        Request request = active.request();
        long bytes = request.bytesIn() + request.bytesOut();
        if (bytes != moved || request.isWaiting() || !active.isRunning()) {
            moved = bytes;
            busySince = now;
        } else if (!reported && now - busySince >= stuckAfter) {
            reported = true;
            stuckReport.accept(active.picture());
        }
    }
}
