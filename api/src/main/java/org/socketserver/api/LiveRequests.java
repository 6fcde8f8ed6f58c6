package org.socketserver.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one server that have begun and not ended: the one set that events, pictures and the stop work from.
 *
 * <p>A request enters when it was fetched and leaves when it is closed and its end reported.
 */
final class LiveRequests<R extends Request> {
    /** How often a waiting stop tells requests again that it waits: a connection may have become idle in between. */
    private static final long DRAIN_ROUND = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long requests that were cut get to end before they are reported as running. */
    private static final long CUT_MARGIN = TimeUnit.SECONDS.toNanos(1);

    private final Map<R, ActiveRequest<R>> entries = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile int stops;

    void add(ActiveRequest<R> entry) {
        entries.put(entry.request(), entry);
    }

    @Nullable
    ActiveRequest<R> find(R request) {
        return entries.get(request);
    }

    void remove(ActiveRequest<R> entry) {
        entries.remove(entry.request(), entry);
        if (stops > 0) {
            signal();
        }
    }

    /** Wakes the stops that wait here. */
    void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    List<LiveRequest> pictures() {
        return pictures(entries.values());
    }

    /**
     * Waits for all requests to end, cuts those that have not when the time is over, and tells what became of them.
     *
     * <p>A request that runs on the calling thread is neither waited for nor cut: it is reported as running.
     *
     * @param graceNanos how long to wait
     * @param accepting true as long as more requests may come
     */
    ShutdownReport drain(long graceNanos, BooleanSupplier accepting) {
        Thread caller = Thread.currentThread();
        Set<ActiveRequest<R>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<ActiveRequest<R>> own = new HashSet<>();
        lock.lock();
        try {
            stops++;
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        try {
            interrupted = await(graceNanos, seen, own, caller, accepting);
            List<ActiveRequest<R>> late = waitedFor(seen, own, caller);
            List<LiveRequest> asTheyStood = pictures(late);
            late.forEach(ActiveRequest::cut);
            interrupted |= !late.isEmpty() && await(CUT_MARGIN, seen, own, caller, accepting);
            List<ActiveRequest<R>> left = waitedFor(seen, own, caller);
            Set<Long> leftIds = new HashSet<>();
            left.forEach(entry -> leftIds.add(entry.id()));
            List<LiveRequest> forced = new ArrayList<>(asTheyStood);
            forced.removeIf(request -> leftIds.contains(request.id()));
            left.addAll(own);
            seen.addAll(own);
            return new ShutdownReport(seen.size() - forced.size() - left.size(), List.copyOf(forced), pictures(left));
        } finally {
            lock.lock();
            try {
                stops--;
            } finally {
                lock.unlock();
            }
            if (interrupted) {
                caller.interrupt();
            }
        }
    }

    /** Waits until there is nothing left to wait for or the time is over; true if the caller was interrupted. */
    private boolean await(
            long nanos,
            Set<ActiveRequest<R>> seen,
            Set<ActiveRequest<R>> own,
            Thread caller,
            BooleanSupplier accepting) {
        long began = System.nanoTime();
        while (true) {
            List<ActiveRequest<R>> waiting = waitedFor(seen, own, caller);
            waiting.forEach(entry -> entry.request().drain());
            long left = nanos - (System.nanoTime() - began);
            if (left <= 0 || (waiting.isEmpty() && !accepting.getAsBoolean())) {
                return false;
            }
            lock.lock();
            try {
                if (!waiting.isEmpty() || accepting.getAsBoolean()) {
                    changed.awaitNanos(Math.min(left, DRAIN_ROUND));
                }
            } catch (InterruptedException stopWaiting) {
                return true;
            } finally {
                lock.unlock();
            }
        }
    }

    private List<ActiveRequest<R>> waitedFor(Set<ActiveRequest<R>> seen, Set<ActiveRequest<R>> own, Thread caller) {
        List<ActiveRequest<R>> waiting = new ArrayList<>();
        for (ActiveRequest<R> entry : entries.values()) {
            if (entry.runsOn(caller)) {
                own.add(entry);
            } else {
                seen.add(entry);
                waiting.add(entry);
            }
        }
        return waiting;
    }

    private List<LiveRequest> pictures(Iterable<ActiveRequest<R>> of) {
        List<LiveRequest> pictures = new ArrayList<>();
        of.forEach(entry -> pictures.add(entry.picture()));
        pictures.sort(Comparator.comparingLong(LiveRequest::id));
        return List.copyOf(pictures);
    }
}
