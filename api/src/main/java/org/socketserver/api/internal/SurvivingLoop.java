package org.socketserver.api.internal;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A loop that must not end, whatever its turns throw: the accept loop, the deadlines, the supervisor of workers.
 *
 * <p>If a turn throws, for example an {@link OutOfMemoryError}, the failure is counted, and the next turn follows after
 * {@value #PAUSE_MILLIS} ms. Nothing is allocated on that path. Another thread logs the failure later, when there is
 * enough memory. That thread is a daemon and ends with the last server of the JVM.
 *
 * <p>The first {@link OutOfMemoryError} also releases a ballast of 256 KiB.
 *
 * <p>A turn may still lose its own {@code catch} blocks: the JVM links a {@code catch} when an exception reaches it for
 * the first time, and if there is no memory for that, the method ends with an {@code OutOfMemoryError}. So code
 * that must always run belongs in a {@code finally}, which needs no linking, or in a loop like this one.
 */
public final class SurvivingLoop {
    private static final int PAUSE_MILLIS = 10;
    private static final long RETRY = TimeUnit.SECONDS.toNanos(1);

    /** Enough to log a failure and to accept a connection. */
    private static final int BALLAST_BYTES = 256 * 1024;

    /** Released at the first OutOfMemoryError, and allocated again when there is enough memory. */
    private static volatile byte @Nullable [] ballast = new byte[BALLAST_BYTES];

    private static final List<SurvivingLoop> ALL = new CopyOnWriteArrayList<>();

    static {
        rehearse();
    }

    /** The thread that logs; null while no server is bound. */
    private static volatile @Nullable Thread reporter;

    private static int servers;

    private final String name;
    private final AtomicLong failures = new AtomicLong();
    private volatile @Nullable Throwable lastFailure;

    /** One turn of a loop. */
    public interface Turn {
        /**
         * Runs one turn.
         *
         * @return false to end the loop
         * @throws Exception if the turn fails; the loop continues
         */
        boolean take() throws Exception;
    }

    /**
     * Creates a loop. All threads that run it share its count. Kept for the life of the JVM.
     *
     * @param name the name of the loop in the log
     */
    public SurvivingLoop(String name) {
        this.name = name;
        ALL.add(this);
    }

    /**
     * Starts the thread that logs failures, if it is not running. Called when a server is bound, before there is a
     * failure. Each call needs a matching call of {@link #release}.
     */
    public static synchronized void retain() {
        servers++;
        if (reporter == null) {
            Thread thread = new Thread(null, SurvivingLoop::report, "socketserver-failures");
            thread.setDaemon(true);
            // The thread may outlive the application that has bound the server.
            thread.setContextClassLoader(null);
            // First, because the thread ends as soon as it is not the reporter.
            reporter = thread;
            boolean started = false;
            try {
                thread.start();
                started = true;
            } finally {
                if (!started) {
                    reporter = null;
                }
            }
        }
    }

    /** Ends the thread that logs failures if this was the last server. */
    public static synchronized void release() {
        servers--;
        if (servers == 0) {
            Thread ended = reporter;
            reporter = null;
            LockSupport.unpark(ended);
        }
    }

    /** Fails once, so that the {@code catch} blocks of this class are linked while there is memory. */
    private static void rehearse() {
        SurvivingLoop loop = new SurvivingLoop("rehearsal");
        ALL.remove(loop);
        // Ends the pause at once.
        LockSupport.unpark(Thread.currentThread());
        loop.run(() -> {
            if (loop.lastFailure == null) {
                throw new IllegalStateException("rehearsal");
            }
            return false;
        });
    }

    /**
     * Runs turns on the calling thread until one returns false. Never throws.
     *
     * @param turn the turns
     */
    public void run(Turn turn) {
        while (true) {
            try {
                if (!turn.take()) {
                    return;
                }
            } catch (Throwable failure) {
                count(failure);
                pause();
            }
        }
    }

    /**
     * Counts a failure, which is logged later. Allocates nothing.
     *
     * @param failure the failure
     */
    public void count(Throwable failure) {
        lastFailure = failure;
        failures.getAndIncrement();
        releaseBallast(failure);
        LockSupport.unpark(reporter);
    }

    /**
     * Releases some memory if a failure is an OutOfMemoryError, so that the server can recover. Allocates nothing.
     *
     * @param failure what was thrown
     */
    public static void releaseBallast(Throwable failure) {
        if (failure instanceof OutOfMemoryError) {
            ballast = null;
            LockSupport.unpark(reporter);
        }
    }

    static boolean hasBallast() {
        return ballast != null;
    }

    /** Pauses after a failure. Allocates nothing. */
    public static void pause() {
        LockSupport.parkNanos(PAUSE_MILLIS * 1_000_000L);
    }

    private static void report() {
        while (reporter == Thread.currentThread()) {
            try {
                boolean released = ballast == null;
                LockSupport.parkNanos(reportAll() && !released ? Long.MAX_VALUE : RETRY);
                if (released) {
                    // Not at once, because others need it now.
                    ballast = new byte[BALLAST_BYTES];
                }
                // An interrupt would make every park return at once.
                Thread.interrupted();
            } catch (Throwable outOfMemory) {
                // Try again later. The count is kept.
                LockSupport.parkNanos(RETRY);
            }
        }
    }

    /**
     * Logs the failures of all loops. Returns false if there were any, because more may follow without another wake-up.
     */
    private static boolean reportAll() {
        boolean none = true;
        for (SurvivingLoop loop : ALL) {
            long count = loop.failures.get();
            Throwable last = loop.lastFailure;
            if (count > 0) {
                none = false;
                String message = loop.name + " failed " + count + " times and continues";
                if (EventLog.PROCESS.tryLog(Level.ERROR, "loop failed", message, last)) {
                    loop.failures.addAndGet(-count);
                }
            }
        }
        return none;
    }
}
