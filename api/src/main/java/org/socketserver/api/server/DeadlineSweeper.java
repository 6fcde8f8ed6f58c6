package org.socketserver.api.server;

import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.SurvivingLoop;

/**
 * The one thread of the JVM that looks whether waits on peers have lasted too long.
 *
 * <p>Those who wait arm nothing: they count the begin and the end of each wait, and this thread sees by the count how
 * long the same wait has gone on. It looks eight times in the shortest time-out there is, at least every 250 ms, at
 * most every millisecond. The thread is a daemon, starts with the first time-out and ends when there was none for 10 s.
 */
final class DeadlineSweeper implements Runnable {
    /** Somebody who may wait. Only the sweeper's thread calls {@link #sweep}. */
    interface Waiter {
        /**
         * Looks at the waits and ends those that lasted too long; must not block. What it throws is logged.
         *
         * @param now {@link System#nanoTime()} of this round
         */
        void sweep(long now);
    }

    private static final SurvivingLoop LOOP = new SurvivingLoop("deadlines");
    static final DeadlineSweeper INSTANCE = new DeadlineSweeper();

    private static final long SHORTEST_ROUND = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_ROUND = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long IDLE_LIFE = TimeUnit.SECONDS.toNanos(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Waiter, Long> waiters = new ConcurrentHashMap<>();
    // Changed under the lock.
    private volatile boolean running;
    private volatile long round = LONGEST_ROUND;
    /** The shortest round that those need who came since the last one began. */
    private volatile long newcomers = LONGEST_ROUND;

    /** When there was somebody last; of the sweeper's thread alone. */
    private long idleSince;
    /** The shortest round that those need whom this round has met; of the sweeper's thread alone. */
    private long shortest;
    /** When this round began; of the sweeper's thread alone. */
    private long now;
    /** Created once, because a round must not need memory. */
    private final BiConsumer<Waiter, Long> sweepOne = this::sweepOne;

    private DeadlineSweeper() {}

    /** Begins to look after a waiter, or learns its new shortest time-out in ns, greater than zero. */
    void watch(Waiter waiter, long shortestTimeout) {
        long needed = Math.min(LONGEST_ROUND, Math.max(SHORTEST_ROUND, shortestTimeout / 8));
        waiters.put(waiter, needed);
        // Put first: a thread that is about to end looks once more after it has said so.
        if (running && needed >= round && needed >= newcomers) {
            return;
        }
        boolean watched = false;
        lock.lock();
        try {
            boolean first = !running;
            if (first) {
                Thread thread = new Thread(this, "socketserver-deadlines");
                thread.setDaemon(true);
                thread.start();
                running = true;
            }
            newcomers = Math.min(newcomers, needed);
            if (first || needed < round) {
                round = needed;
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

    /** Forgets a waiter. */
    void forget(Waiter waiter) {
        waiters.remove(waiter);
    }

    /** Sweeps until there was nothing to look at for long. */
    @Override
    public void run() {
        idleSince = System.nanoTime();
        LOOP.run(this::round);
    }

    /** Waits for the next round and sweeps. Returns false when the thread ends. */
    private boolean round() {
        if (!awaitRound()) {
            return false;
        }
        expectNewcomers();
        now = System.nanoTime();
        shortest = LONGEST_ROUND;
        // Not by its entries, of which the map would make one for each waiter.
        waiters.forEach(sweepOne);
        lock.lock();
        try {
            // A waiter that came during this round may need a shorter one than those seen here.
            round = Math.min(shortest, newcomers);
        } finally {
            lock.unlock();
        }
        return true;
    }

    private void sweepOne(Waiter waiter, long needed) {
        shortest = Math.min(shortest, needed);
        sweep(waiter, now);
    }

    /** Connections may be a user's; what one of them throws must not end the deadlines of all others. */
    private static void sweep(Waiter waiter, long now) {
        try {
            waiter.sweep(now);
        } catch (RuntimeException failure) {
            EventLog.PROCESS.log(Level.ERROR, "deadline", "a connection threw when its deadline was over", failure);
        } catch (Throwable failure) {
            LOOP.count(failure);
        }
    }

    private void expectNewcomers() {
        lock.lock();
        try {
            newcomers = LONGEST_ROUND;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next round; false when there is nobody left to look after and the thread shall end. */
    private boolean awaitRound() {
        lock.lock();
        try {
            long began = System.nanoTime();
            for (long left = round; left > 0; left = round - (System.nanoTime() - began)) {
                changed.awaitNanos(left);
            }
            if (!waiters.isEmpty()) {
                idleSince = System.nanoTime();
            } else if (System.nanoTime() - idleSince >= IDLE_LIFE) {
                running = false;
                // Again: somebody may have come who saw it running.
                running = !waiters.isEmpty();
            }
            return running;
        } catch (InterruptedException nobodyMay) {
            // The thread is private to this class; go on with the next round.
            return true;
        } finally {
            lock.unlock();
        }
    }
}
