package org.socketserver.api.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The budget for the memory that clients can make this JVM hold: lines and frames that have arrived in part, the
 * buffers of connections, and the datagrams of live requests. All servers of the JVM share it. Each worker process has
 * a budget of its own.
 *
 * <p><b>What counts.</b> Buffers and datagrams of more than 256 bytes. A buffer counts before it is allocated, and
 * while it grows, the old and the new one both count. A handler base class that buffers input reports it with {@link
 * org.socketserver.api.StreamRequest#buffered}, as {@code StreamRequestHandler} does. What a handler itself allocates
 * does not count: to bound that, limit the number of requests.
 *
 * <p><b>Over budget.</b> If a connection needs more than what is left, connections that wait for their client are ended
 * until enough is free: of those that hold at least half as much as the largest, the one that has waited longest comes
 * first. The connection waits for at most 1 s for them. If all of them together do not hold enough, or do not end in
 * time, it is ended itself. Datagrams can use at most half of the budget; further ones are dropped. Both are counted in
 * {@link org.socketserver.api.ServerStats#overBudget()} and logged; the outcome of such a connection is {@link
 * org.socketserver.api.RequestOutcome#ABORTED}.
 *
 * <p>All methods may be called by any thread.
 */
public final class ClientMemory {
    /** The system property with the budget in bytes, for a JVM whose code can't call {@link #limit(long)}. */
    private static final String PROPERTY = "org.socketserver.clientMemory";

    /** The longest buffer or datagram that does not count, in bytes. */
    static final int SMALL = 256;

    private static final long MAX_WAIT = TimeUnit.SECONDS.toNanos(1);

    private static final AtomicLong USED = new AtomicLong();
    private static final AtomicLong USED_BY_DATAGRAMS = new AtomicLong();
    private static final Set<ConnectionRequest> HOLDERS = ConcurrentHashMap.newKeySet();

    private static final AtomicLong WAITING = new AtomicLong();
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Condition RELEASED = LOCK.newCondition();
    /** How often something was released while a thread waited. Guarded by {@link #LOCK}. */
    private static long releases;

    private static volatile long limit =
            Math.max(1, Long.getLong(PROPERTY, Runtime.getRuntime().maxMemory() / 4));

    private ClientMemory() {}

    /**
     * Returns the budget.
     *
     * @return bytes; unless set, the value of the system property {@code org.socketserver.clientMemory}, or a quarter
     *     of {@link Runtime#maxMemory()} without it
     */
    public static long limit() {
        return limit;
    }

    /**
     * Sets the budget. Takes effect with the next buffer or datagram.
     *
     * @param bytes the budget in bytes, at least 1
     * @throws IllegalArgumentException if less than 1
     */
    public static void limit(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(
                    "the limit of client memory is " + bytes + " bytes; it must be 1 byte or more");
        }
        limit = bytes;
    }

    /**
     * Returns how much counts at this moment.
     *
     * @return bytes
     */
    public static long used() {
        return USED.get();
    }

    /** Counts more bytes. Returns false and counts nothing if they are beyond the budget. */
    static boolean take(long bytes) {
        while (true) {
            long used = USED.get();
            if (bytes > limit - used) {
                return false;
            }
            if (USED.compareAndSet(used, used + bytes)) {
                return true;
            }
        }
    }

    /** Counts fewer bytes. */
    static void release(long bytes) {
        USED.addAndGet(-bytes);
        if (WAITING.get() > 0) {
            LOCK.lock();
            try {
                releases++;
                RELEASED.signalAll();
            } finally {
                LOCK.unlock();
            }
        }
    }

    /** Returns whether there is room for a datagram. */
    static boolean hasRoom(int datagram) {
        return datagram <= SMALL || (datagram <= limit / 2 - USED_BY_DATAGRAMS.get() && datagram <= limit - USED.get());
    }

    /** Counts a datagram. Not checked, because only one thread of each server receives. */
    static void takeDatagram(int bytes) {
        USED_BY_DATAGRAMS.addAndGet(bytes);
        USED.addAndGet(bytes);
    }

    static void releaseDatagram(int bytes) {
        USED_BY_DATAGRAMS.addAndGet(-bytes);
        release(bytes);
    }

    /** Adds a connection that may be ended to free what it holds. */
    static void add(ConnectionRequest holder) {
        HOLDERS.add(holder);
    }

    static void remove(ConnectionRequest holder) {
        HOLDERS.remove(holder);
    }

    /**
     * Counts more bytes, and if they are beyond the budget, ends other connections and waits until they have released
     * theirs. Returns false and counts nothing if that does not help, or if the caller is interrupted.
     */
    static boolean takeFromOthers(ConnectionRequest newcomer, long bytes) {
        long end = System.nanoTime() + MAX_WAIT;
        WAITING.incrementAndGet();
        try {
            while (true) {
                long seen = releases();
                if (take(bytes)) {
                    return true;
                }
                // Otherwise something was released meanwhile.
                boolean waits = bytes > limit - USED.get();
                if (waits && (!free(bytes, newcomer) || !awaitRelease(seen, end))) {
                    return false;
                }
            }
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            WAITING.decrementAndGet();
        }
    }

    private static long releases() {
        LOCK.lock();
        try {
            return releases;
        } finally {
            LOCK.unlock();
        }
    }

    /** Waits until something is released after the given number of releases. Returns false if the time is over. */
    private static boolean awaitRelease(long seen, long end) throws InterruptedException {
        LOCK.lockInterruptibly();
        try {
            while (releases == seen) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                RELEASED.awaitNanos(left);
            }
            return true;
        } finally {
            LOCK.unlock();
        }
    }

    /** A connection that waits for its client, as it was at one moment. */
    private record Candidate(ConnectionRequest connection, long held, long waitingSince) {}

    /**
     * Ends more connections, unless those that were ended still hold enough. Returns false, and ends none, if all of
     * them together do not hold enough.
     */
    private static boolean free(long bytes, ConnectionRequest newcomer) {
        long coming = HOLDERS.stream()
                .filter(ConnectionRequest::isEvicted)
                .mapToLong(ConnectionRequest::held)
                .sum();
        long needed = bytes - (limit - USED.get()) - coming;
        List<Candidate> candidates = needed > 0 ? candidates(newcomer) : List.of();
        if (needed > candidates.stream().mapToLong(Candidate::held).sum()) {
            return false;
        }
        while (needed > 0 && !candidates.isEmpty()) {
            long most = candidates.stream().mapToLong(Candidate::held).max().orElse(0);
            Candidate next = candidates.stream()
                    .filter(candidate -> candidate.held() >= most / 2)
                    .min(Comparator.comparingLong(Candidate::waitingSince))
                    .orElseThrow();
            candidates.remove(next);
            // Otherwise another newcomer has just ended it.
            next.connection().evict();
            needed -= next.held();
        }
        return true;
    }

    private static List<Candidate> candidates(ConnectionRequest newcomer) {
        List<Candidate> candidates = new ArrayList<>();
        for (ConnectionRequest holder : HOLDERS) {
            long since = holder.waitingSince();
            if (since > 0 && holder != newcomer && !holder.isEvicted()) {
                candidates.add(new Candidate(holder, holder.held(), since));
            }
        }
        return candidates;
    }
}
