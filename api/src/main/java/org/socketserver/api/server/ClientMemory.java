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
 * first. The connection waits for at most 1 s for them. If that does not free enough, it is ended
 * itself. A datagram is dropped instead. Both are counted in {@link org.socketserver.api.ServerStats#overBudget()} and
 * logged; the outcome of such a connection is {@link org.socketserver.api.RequestOutcome#ABORTED}.
 *
 * <p>All methods may be called by any thread.
 */
public final class ClientMemory {
    /** The longest buffer or datagram that is not counted, in bytes. */
    static final int SMALL = 256;

    private static final long MOST_WAIT = TimeUnit.SECONDS.toNanos(1);

    private static final AtomicLong USED = new AtomicLong();
    private static final Set<ConnectionRequest> HOLDERS = ConcurrentHashMap.newKeySet();
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Condition RELEASED = LOCK.newCondition();

    private static volatile long limit = Runtime.getRuntime().maxMemory() / 4;
    /** The number of threads that wait for {@link #RELEASED}. */
    private static volatile int waiting;

    private ClientMemory() {}

    /**
     * Returns the budget.
     *
     * @return bytes; unless set, a quarter of {@link Runtime#maxMemory()}
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
        if (USED.addAndGet(bytes) <= limit) {
            return true;
        }
        USED.addAndGet(-bytes);
        return false;
    }

    /** Counts fewer bytes. */
    static void release(long bytes) {
        USED.addAndGet(-bytes);
        if (waiting > 0) {
            LOCK.lock();
            try {
                RELEASED.signalAll();
            } finally {
                LOCK.unlock();
            }
        }
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
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // Written under the lock.
    static boolean takeFromOthers(ConnectionRequest newcomer, long bytes) {
        long began = System.nanoTime();
        List<ConnectionRequest> ended = new ArrayList<>();
        LOCK.lock();
        try {
            waiting++;
            while (!take(bytes)) {
                long left = MOST_WAIT - (System.nanoTime() - began);
                if (left <= 0 || !free(USED.get() + bytes - limit, newcomer, ended)) {
                    return false;
                }
                RELEASED.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting--;
            LOCK.unlock();
        }
    }

    /** A connection that waits for its client, as it was at one moment. */
    private record Candidate(ConnectionRequest connection, long held, long waitingSince) {}

    /**
     * Ends more connections, unless those that were ended still hold enough. Returns false if there is nothing to wait
     * for.
     */
    private static boolean free(long needed, ConnectionRequest newcomer, List<ConnectionRequest> ended) {
        long coming = ended.stream().mapToLong(ConnectionRequest::held).sum();
        List<Candidate> candidates = coming < needed ? candidates(newcomer) : List.of();
        while (coming < needed && !candidates.isEmpty()) {
            long most = candidates.stream().mapToLong(Candidate::held).max().orElse(0);
            Candidate next = candidates.stream()
                    .filter(candidate -> candidate.held() >= most / 2)
                    .min(Comparator.comparingLong(Candidate::waitingSince))
                    .orElseThrow();
            candidates.remove(next);
            if (next.connection().evict()) {
                ended.add(next.connection());
                coming += next.held();
            }
        }
        return coming > 0;
    }

    private static List<Candidate> candidates(ConnectionRequest newcomer) {
        List<Candidate> candidates = new ArrayList<>();
        for (ConnectionRequest holder : HOLDERS) {
            long since = holder.waitingSince();
            if (since > 0 && holder != newcomer) {
                candidates.add(new Candidate(holder, holder.held(), since));
            }
        }
        return candidates;
    }
}
