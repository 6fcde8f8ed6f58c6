package org.socketserver.mixins.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Request;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.wire.Beat;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.FrameType;

/**
 * Reports the progress of the request to the parent several times a second, so that a stalled worker is noticed; and
 * tells the request again and again of a stop.
 */
final class Pulse extends Thread {
    private static final long LONGEST_BEAT = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long SHORTEST_BEAT = TimeUnit.MILLISECONDS.toNanos(10);
    /** Beats in the time after which the parent takes a request for stuck: as exact as it is with its own. */
    private static final int BEATS_UNTIL_STUCK = 8;

    /** As often as a stop in the parent looks. */
    private static final long DRAIN_ROUND = TimeUnit.MILLISECONDS.toNanos(10);

    private final ControlChannel control;
    private final WorkerView view;
    private final long period;
    private volatile @Nullable Work work;
    private volatile long draining;
    /** The request that was told of a stop last. */
    private volatile long stopping;

    /** A request and the thread that runs its handler. */
    private record Work(long number, RequestTask task, Thread thread) {}

    /**
     * Makes a pulse that does not beat yet.
     *
     * @param stuckAfter how long a request may do nothing before the parent tells of it; zero if it never does
     */
    Pulse(ControlChannel control, WorkerView view, Duration stuckAfter) {
        super("socketserver worker pulse");
        setDaemon(true);
        this.control = control;
        this.view = view;
        // As milliseconds: a long time has no nanoseconds.
        long wanted = TimeUnit.MILLISECONDS.toNanos(stuckAfter.toMillis()) / BEATS_UNTIL_STUCK;
        period = stuckAfter.isZero() ? LONGEST_BEAT : Math.max(SHORTEST_BEAT, Math.min(LONGEST_BEAT, wanted));
    }

    /** The calling thread begins with a request. */
    void begins(long number, RequestTask task) {
        work = new Work(number, task, Thread.currentThread());
        // It may have been told before it began here.
        tellOfStop();
    }

    /** The request is done. */
    void ends() {
        work = null;
    }

    /** A stop has begun, which a request shall know; without effect if that is another than the current one. */
    void stops(long number) {
        stopping = number;
        tellOfStop();
    }

    private void tellOfStop() {
        Work current = work;
        if (current != null && current.number() == stopping) {
            view.stopping(true);
        }
    }

    /** A stop waits for a request; without effect if that is another than the current one. */
    void drain(long number) {
        draining = number;
        LockSupport.unpark(this);
    }

    @Override
    public void run() {
        long beaten = System.nanoTime();
        try {
            while (true) {
                Work current = work;
                if (current != null && current.number() == draining) {
                    drain(current.task());
                }
                if (System.nanoTime() - beaten >= period) {
                    beaten = System.nanoTime();
                    beat(current);
                }
                boolean drains = current != null && current.number() == draining;
                LockSupport.parkNanos(this, drains ? DRAIN_ROUND : period);
            }
        } catch (IOException parentHasGone) {
            // Noticed by the orders as well.
        }
    }

    private void drain(RequestTask task) {
        view.stopping(true);
        try {
            task.drain();
        } catch (RuntimeException mistake) {
            // Of the handler's connection; the worker is alive all the same.
        }
    }

    private void beat(@Nullable Work current) throws IOException {
        if (current == null) {
            return;
        }
        Request request = current.task().request();
        Beat beat = new Beat(
                current.number(),
                request.isWaiting(),
                request.bytesIn(),
                request.bytesOut(),
                List.of(current.thread().getStackTrace()));
        // It may be over by now: the parent would not expect it.
        if (work == current) {
            control.send(FrameType.BEAT, beat::writeTo);
        }
    }
}
