package org.socketserver.mixins.forking.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Request;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Heartbeat;

/**
 * Sends the parent a heartbeat with the progress of the request several times a second, so that it notices a worker
 * that hangs. Drains the request repeatedly while a stop waits for it.
 */
final class Heartbeats extends Thread {
    private static final long MAX_PERIOD = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long MIN_PERIOD = TimeUnit.MILLISECONDS.toNanos(10);
    /** Heartbeats in the time after which the parent reports a request as stuck. */
    private static final int UNTIL_STUCK = 8;

    /** The period of a drain in the parent. */
    private static final long DRAIN_ROUND = TimeUnit.MILLISECONDS.toNanos(10);

    private final ControlChannel control;
    private final Supplier<CurrentRequest> requests;
    private final long period;
    private volatile long draining;

    /**
     * Creates the thread.
     *
     * @param requests returns the current or last request
     * @param stuckAfter after how long the parent reports a request that does nothing; zero for never
     */
    Heartbeats(ControlChannel control, Supplier<CurrentRequest> requests, Duration stuckAfter) {
        super("socketserver worker heartbeats");
        setDaemon(true);
        this.control = control;
        this.requests = requests;
        // In ms, because toNanos() fails for a long time.
        long wanted = TimeUnit.MILLISECONDS.toNanos(stuckAfter.toMillis()) / UNTIL_STUCK;
        period = stuckAfter.isZero() ? MAX_PERIOD : Math.max(MIN_PERIOD, Math.min(MAX_PERIOD, wanted));
    }

    /** Drains a request until it ends. Has no effect unless it is the current one. */
    void drain(long number) {
        draining = number;
        LockSupport.unpark(this);
    }

    @Override
    public void run() {
        long sentAt = System.nanoTime();
        try {
            while (true) {
                CurrentRequest current = requests.get();
                RequestTask task = current.task();
                boolean drains = task != null && current.number() == draining;
                if (task != null && drains) {
                    drain(task);
                }
                if (System.nanoTime() - sentAt >= (task == null ? MAX_PERIOD : period)) {
                    sentAt = System.nanoTime();
                    send(current, task);
                }
                // An interrupt, which only a handler can have sent, would end all further waits at once.
                Thread.interrupted();
                LockSupport.parkNanos(this, drains ? DRAIN_ROUND : period);
            }
        } catch (IOException parentHasGone) {
            // Noticed by the command loop as well.
        }
    }

    private void drain(RequestTask task) {
        try {
            task.drain();
        } catch (RuntimeException mistake) {
            // A bug in the handler's connection must not stop the heartbeats.
        }
    }

    private void send(CurrentRequest current, @Nullable RequestTask task) throws IOException {
        Heartbeat progress = Heartbeat.NONE;
        if (task != null) {
            Request request = task.request();
            progress = new Heartbeat(request.isWaiting(), request.bytesIn(), request.bytesOut(), current.stack());
        }
        control.send(FrameType.HEARTBEAT, task == null ? 0 : current.number(), progress::writeTo);
    }
}
