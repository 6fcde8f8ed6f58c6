package org.socketserver.api.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;

/**
 * The requests of one server that have begun and are not closed yet.
 *
 * <p>A request enters when it is fetched and leaves when it is closed and reported. Stops and {@code awaitIdle} wait
 * for that. A request is live only until it is settled, which is before the peer can see its end.
 */
final class InFlight<R extends Request> {
    private final Set<Exchange<R>> entries = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** The number of threads in {@link #awaitNone}. */
    private final AtomicInteger idleWaits = new AtomicInteger();
    /** The threads that are in a stop. */
    private final Set<Thread> stopping = ConcurrentHashMap.newKeySet();

    private volatile long lastId;

    /** Adds a request with the next id. For the accept loop only. */
    void add(Exchange<R> entry) {
        entries.add(entry);
        lastId = entry.id();
    }

    /** Returns the id of the request that was added last. */
    long lastId() {
        return lastId;
    }

    void remove(Exchange<R> entry) {
        entries.remove(entry);
        if (!stopping.isEmpty() || idleWaits.get() > 0) {
            signal();
        }
    }

    /** Waits until no request is in flight. Returns false if the time was over first. */
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
        return entries.stream().anyMatch(entry -> entry.runsOn(thread));
    }

    /** Returns the threads that are inside a handler or request hook and do not wait for a client, in a new set. */
    Set<Thread> busyThreads() {
        Set<Thread> threads = new HashSet<>();
        entries.forEach(entry -> entry.addBusyThreads(threads));
        return threads;
    }

    /** Wakes the threads that wait in {@link #awaitChange}. */
    void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns snapshots of the live requests, oldest first. */
    List<LiveRequest> snapshots() {
        return snapshots(entries.stream().filter(entry -> !entry.isSettled()).toList());
    }

    /** Returns the requests in flight, in a new list. */
    List<Exchange<R>> entries() {
        return new ArrayList<>(entries);
    }

    /** Records that a thread is in a stop. Returns false if it is in one already. */
    boolean stopBegins(Thread caller) {
        return stopping.add(caller);
    }

    void stopEnds(Thread caller) {
        stopping.remove(caller);
    }

    /** Returns whether a thread that runs the request is in a stop. */
    boolean isInStop(Exchange<R> entry) {
        return stopping.stream().anyMatch(entry::runsOn);
    }

    /** Waits for the end of a request or of the accept loop, unless the condition holds already. May return early. */
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

    static <R extends Request> List<LiveRequest> snapshots(List<Exchange<R>> of) {
        return of.stream()
                .map(Exchange::snapshot)
                .sorted(Comparator.comparingLong(LiveRequest::id))
                .toList();
    }
}
