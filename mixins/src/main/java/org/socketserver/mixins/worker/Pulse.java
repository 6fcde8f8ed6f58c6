package org.socketserver.mixins.worker;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Request;
import org.socketserver.mixins.wire.Beat;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.FrameType;

/**
 * Tells the parent several times a second how the request fares, so that a worker which stands still is noticed; and tells
 * the request again and again of a stop.
 */
final class Pulse extends Thread {
    private static final long BEAT = TimeUnit.MILLISECONDS.toNanos(250);
    /** As often as a stop in the parent looks. */
    private static final long DRAIN_ROUND = TimeUnit.MILLISECONDS.toNanos(10);

    private final ControlChannel control;
    private final WorkerView view;
    private volatile @Nullable Work work;
    private volatile long draining;

    /** A request and the thread that runs its handler. */
    private record Work(long number, Request request, Thread thread) {}

    Pulse(ControlChannel control, WorkerView view) {
        super("socketserver worker pulse");
        setDaemon(true);
        this.control = control;
        this.view = view;
    }

    /** The calling thread begins with a request. */
    void begins(long number, Request request) {
        work = new Work(number, request, Thread.currentThread());
    }

    /** The request is done. */
    void ends() {
        work = null;
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
                    drain(current.request());
                }
                if (System.nanoTime() - beaten >= BEAT) {
                    beaten = System.nanoTime();
                    beat(current);
                }
                boolean drains = current != null && current.number() == draining;
                LockSupport.parkNanos(this, drains ? DRAIN_ROUND : BEAT);
            }
        } catch (IOException parentHasGone) {
            // Noticed by the orders as well.
        }
    }

    private void drain(Request request) {
        view.stopping(true);
        try {
            request.drain();
        } catch (RuntimeException mistake) {
            // Of the handler's connection; the worker is alive all the same.
        }
    }

    private void beat(@Nullable Work current) throws IOException {
        if (current == null) {
            return;
        }
        Request request = current.request();
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
