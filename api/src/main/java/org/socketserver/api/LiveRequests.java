package org.socketserver.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
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
    private final Map<R, ActiveRequest<R>> entries = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** How many threads wait for there to be none, without a stop. */
    private final AtomicInteger idleWaits = new AtomicInteger();
    /** The threads that wait in a stop. */
    private final Set<Thread> stopping = ConcurrentHashMap.newKeySet();

    void add(ActiveRequest<R> entry) {
        entries.put(entry.request(), entry);
    }

    @Nullable
    ActiveRequest<R> find(R request) {
        return entries.get(request);
    }

    void remove(ActiveRequest<R> entry) {
        entries.remove(entry.request(), entry);
        if (!stopping.isEmpty() || idleWaits.get() > 0) {
            signal();
        }
    }

    /** Waits until there is none, but no longer than that; true if there was none. */
    boolean awaitNone(long nanos) throws InterruptedException {
        long began = System.nanoTime();
        idleWaits.incrementAndGet();
        try {
            for (long left = nanos; !entries.isEmpty() && left > 0; left = nanos - (System.nanoTime() - began)) {
                awaitChange(left, entries::isEmpty);
            }
            return entries.isEmpty();
        } finally {
            idleWaits.decrementAndGet();
        }
    }

    /** Returns whether a handler or request hook of this server runs on the thread. */
    boolean runsOn(Thread thread) {
        for (ActiveRequest<R> entry : entries.values()) {
            if (entry.runsOn(thread)) {
                return true;
            }
        }
        return false;
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

    /** The requests of this moment, in a list of the caller's own. */
    List<ActiveRequest<R>> entries() {
        return new ArrayList<>(entries.values());
    }

    /** Remembers that a thread waits in a stop; false if it does so already. */
    boolean stopBegins(Thread caller) {
        return stopping.add(caller);
    }

    void stopEnds(Thread caller) {
        stopping.remove(caller);
    }

    /** Returns whether the thread that carries a request waits in a stop. */
    boolean isInStop(ActiveRequest<R> entry) {
        return stopping.stream().anyMatch(entry::runsOn);
    }

    /** Waits for the end of a request or of the accept loop, unless what is waited for has come; may return early. */
    void awaitChange(long nanos, BooleanSupplier come) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (!come.getAsBoolean()) {
                changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    static <R extends Request> List<LiveRequest> pictures(Iterable<ActiveRequest<R>> of) {
        List<LiveRequest> pictures = new ArrayList<>();
        of.forEach(entry -> pictures.add(entry.picture()));
        pictures.sort(Comparator.comparingLong(LiveRequest::id));
        return List.copyOf(pictures);
    }
}
