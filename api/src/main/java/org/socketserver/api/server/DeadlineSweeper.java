package org.socketserver.api.server;

import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.SurvivingLoop;

/**
 * The thread of the JVM that checks all deadlines.
 *
 * <p>A read or a write sets no timer. It records when its wait began, and this thread checks how long it has lasted:
 * see {@link IoWait}. It checks eight times during the shortest time limit, but at intervals of 1 to 250 ms. The thread
 * is a daemon, starts with the first time limit, and ends when there was none for 10 s.
 */
final class DeadlineSweeper implements Runnable {
    /** An object with time limits. Only the sweeper's thread calls {@link #sweep}. */
    interface Waiter {
        /**
         * Checks the limits and acts on those that have passed. Must not block. What it throws is logged.
         *
         * @param now {@link System#nanoTime()} of this round
         */
        void sweep(long now);
    }

    private static final SurvivingLoop LOOP = new SurvivingLoop("deadlines");
    private static final long MIN_ROUND = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MAX_ROUND = TimeUnit.MILLISECONDS.toNanos(250);

    static final DeadlineSweeper INSTANCE =
            new DeadlineSweeper(TimeUnit.SECONDS.toNanos(10), sweeper -> new Thread(sweeper, "socketserver-deadlines"));

    private final long idleLife;
    private final ThreadFactory threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Waiter, Long> waiters = new ConcurrentHashMap<>();
    // Changed under the lock.
    private volatile boolean running;
    /** The shortest round that the waiters need; during a round only that of waiters which were added meanwhile. */
    private volatile long period = MAX_ROUND;

    /** When there was a waiter last. Used by the sweeper's thread only. */
    private long idleSince = System.nanoTime();
    /** The shortest round that the waiters of this round need. Used by the sweeper's thread only. */
    private long shortest;
    /** When this round began. Used by the sweeper's thread only. */
    private long now;
    // Created once, because a round must not allocate, and its thread may start while the heap is full.
    private final SurvivingLoop.Turn round = this::round;
    private final BiConsumer<Waiter, Long> sweepOne = this::sweepOne;

    /**
     * Creates a sweeper without a thread.
     *
     * @param idleLife how long its thread stays when there are no waiters, in ns
     * @param threads creates the thread
     */
    DeadlineSweeper(long idleLife, ThreadFactory threads) {
        this.idleLife = idleLife;
        this.threads = threads;
    }

    /** Starts to watch a waiter, or changes its shortest time limit. The limit is in ns and greater than zero. */
    void watch(Waiter waiter, long shortestTimeout) {
        long needed = Math.min(MAX_ROUND, Math.max(MIN_ROUND, shortestTimeout / 8));
        waiters.put(waiter, needed);
        // Added first: the thread checks for waiters once more after it has set running to false.
        if (running && needed >= period) {
            return;
        }
        boolean watched = false;
        lock.lock();
        try {
            boolean first = !running;
            if (first) {
                Thread thread = threads.newThread(this);
                thread.setDaemon(true);
                thread.start();
                running = true;
            }
            if (first || needed < period) {
                period = needed;
                changed.signal();
            }
            watched = true;
        } finally {
            lock.unlock();
            if (!watched) {
                // The thread could not be started; the next waiter tries again.
                waiters.remove(waiter);
            }
        }
    }

    /** Stops watching a waiter. */
    void forget(Waiter waiter) {
        waiters.remove(waiter);
    }

    /** Sweeps until there were no waiters for some time. */
    @Override
    public void run() {
        idleSince = System.nanoTime();
        LOOP.run(round);
    }

    /** Waits for the next round and sweeps. Returns false when the thread ends. */
    private boolean round() {
        if (!awaitRound()) {
            return false;
        }
        now = System.nanoTime();
        shortest = MAX_ROUND;
        // Not over its entries, because the map would allocate one for each waiter.
        waiters.forEach(sweepOne);
        lock.lock();
        try {
            // A waiter that was added during this round may need a shorter one.
            period = Math.min(shortest, period);
        } finally {
            lock.unlock();
        }
        return true;
    }

    private void sweepOne(Waiter waiter, long needed) {
        shortest = Math.min(shortest, needed);
        sweep(waiter, now);
    }

    /** Connections can be a user's; what one of them throws must not disable the deadlines of all others. */
    private static void sweep(Waiter waiter, long now) {
        try {
            waiter.sweep(now);
        } catch (RuntimeException failure) {
            EventLog.PROCESS.log(Level.ERROR, "deadline", "a connection threw when its deadline was over", failure);
        } catch (Throwable failure) {
            LOOP.count(failure);
        }
    }

    /** Waits for the next round. Returns false if there are no waiters and the thread ends. */
    private boolean awaitRound() {
        lock.lock();
        try {
            long began = System.nanoTime();
            for (long left = period; left > 0; left = period - (System.nanoTime() - began)) {
                changed.awaitNanos(left);
            }
            period = MAX_ROUND;
        } catch (InterruptedException unexpected) {
            // The thread is private to this class, so nothing should interrupt it. Continue with the next round.
            return true;
        } finally {
            lock.unlock();
        }
        return goesOn();
    }

    /** Returns false if there have been no waiters for long: the thread ends, and the next waiter starts another. */
    boolean goesOn() {
        lock.lock();
        try {
            if (!waiters.isEmpty()) {
                idleSince = System.nanoTime();
            } else if (System.nanoTime() - idleSince >= idleLife) {
                running = false;
                // Checked again: a waiter may have been added that saw it running.
                running = !waiters.isEmpty();
            }
            return running;
        } finally {
            lock.unlock();
        }
    }
}
