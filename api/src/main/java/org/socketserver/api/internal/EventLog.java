package org.socketserver.api.internal;

import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of one server or mix-in, which writes to the logger {@code org.socketserver}. May be used by any thread.
 *
 * <p><b>Limit.</b> At most {@value #LINES} records of each kind of event are written in {@value #SECONDS} s. The others
 * are counted, and one record with their number is written {@value #SECONDS} s after the first of them, or by {@link
 * #close()}. The limit needs no lock. Kinds are constants in the code, such as {@code request failed}, because each is
 * kept as long as the log.
 *
 * <p><b>Text.</b> Messages and throwables are written as {@link PlainText} and {@link PlainFailure}, because they can
 * contain text from clients and workers. Further lines of {@link #block} start with a tab. So no line of the log starts
 * with text from a client or a worker.
 *
 * <p><b>Failure.</b> If the logger throws, the record is lost and the exception is ignored. If the logger blocks, so
 * does the calling thread.
 */
public final class EventLog {
    /** The log for events that belong to no server. */
    public static final EventLog PROCESS = new EventLog(() -> "socketserver");

    private static final int LINES = 10;
    private static final int SECONDS = 10;
    private static final long WINDOW = TimeUnit.SECONDS.toNanos(SECONDS);

    /** Created for the first record, because the JDK needs tens of milliseconds to create it. */
    private static volatile System.@Nullable Logger logger;

    private final Supplier<String> owner;
    private final Supplier<System.Logger> backend;
    private final LongSupplier clock;
    private final Executor later;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    /** A call of a user's code, which may throw anything. */
    public interface Call {
        /**
         * Calls the code.
         *
         * @throws Exception if the code throws it
         */
        void run() throws Exception;
    }

    /**
     * Creates a log.
     *
     * @param owner returns the name of the server, for the counts of suppressed records
     */
    public EventLog(Supplier<String> owner) {
        this(owner, EventLog::logger, System::nanoTime, EventLog::runLater);
    }

    /**
     * Creates a log with another clock.
     *
     * @param clock returns the time in ns
     * @param later runs its tasks {@value #SECONDS} s later
     */
    EventLog(Supplier<String> owner, Supplier<System.Logger> backend, LongSupplier clock, Executor later) {
        this.owner = owner;
        this.backend = backend;
        this.clock = clock;
        this.later = later;
    }

    private static System.Logger logger() {
        System.Logger current = logger;
        if (current == null) {
            current = System.getLogger("org.socketserver");
            logger = current;
        }
        return current;
    }

    /** Not on the common pool, because the logger may block. */
    private static void runLater(Runnable report) {
        Executor thread = task -> {
            Thread reporter = new Thread(task, "socketserver-log");
            reporter.setDaemon(true);
            reporter.start();
        };
        CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS, thread).execute(report);
    }

    /**
     * Loads what a record needs: the logger opens file descriptors, and a class that is first used while the heap is
     * full may stay broken. Writes nothing.
     */
    public void prepare() {
        log(Level.ERROR, "preload", () -> {
            throw new IllegalStateException("a record that gets lost");
        });
    }

    /**
     * Writes a message.
     *
     * @param level its level
     * @param kind the kind of event, a constant
     * @param message the message, on one line
     */
    public void log(Level level, String kind, String message) {
        log(level, kind, message, null);
    }

    /**
     * Writes a message that is created only if it is logged.
     *
     * @param level its level
     * @param kind the kind of event, a constant
     * @param message returns the message, on one line
     */
    public void log(Level level, String kind, Supplier<String> message) {
        try {
            if (admits(level, kind)) {
                write(level, message.get(), null);
            }
        } catch (Throwable lost) {
            // There is nowhere to report it.
        }
    }

    /**
     * Writes a message with a throwable.
     *
     * @param level its level
     * @param kind the kind of event, a constant
     * @param message the message, on one line
     * @param failure what was thrown
     */
    public void log(Level level, String kind, String message, @Nullable Throwable failure) {
        tryLog(level, kind, message, failure);
    }

    /** Writes a message with a throwable. Returns false if the record is lost. */
    boolean tryLog(Level level, String kind, String message, @Nullable Throwable failure) {
        try {
            if (admits(level, kind)) {
                write(level, message, failure);
            }
            return true;
        } catch (Throwable lost) {
            return false;
        }
    }

    /**
     * Writes a message of several lines. All but the first are indented by a tab.
     *
     * @param level its level
     * @param kind the kind of event, a constant
     * @param text returns the lines, each with {@code \n} at its end; a tab at the start of a line is kept
     */
    public void block(Level level, String kind, Supplier<String> text) {
        try {
            if (admits(level, kind)) {
                backend.get().log(level, indented(text.get()));
            }
        } catch (Throwable lost) {
            // There is nowhere to report it.
        }
    }

    private static String indented(String text) {
        StringBuilder lines = new StringBuilder(text.length() + 64);
        for (String line : text.split("\n")) {
            lines.append(lines.length() == 0 ? "" : "\n\t").append(line.startsWith("\t") ? "\t" : "");
            lines.append(PlainText.of(line.strip()));
        }
        return lines.toString();
    }

    /**
     * Makes a call. What it throws is logged and goes no further.
     *
     * @param what what is called; the kind of event
     * @param call the call
     */
    public void contained(String what, Call call) {
        try {
            call.run();
        } catch (Throwable failure) {
            threw(what, failure);
        }
    }

    /**
     * Logs what a call into a user's code has thrown.
     *
     * @param what what was called; the kind of event
     * @param failure what was thrown
     */
    public void threw(String what, Throwable failure) {
        try {
            log(Level.ERROR, what, what + " threw; the server continues", failure);
        } catch (OutOfMemoryError lost) {
            // Not enough memory even for the message.
        }
    }

    /** Writes the pending counts of suppressed records. The log remains usable. */
    public void close() {
        kinds.values().forEach(Kind::report);
    }

    private boolean admits(Level level, String name) {
        if (!backend.get().isLoggable(level)) {
            return false;
        }
        Kind kind = kinds.get(name);
        if (kind == null) {
            kind = kinds.computeIfAbsent(name, Kind::new);
        }
        return kind.admits(level);
    }

    private void write(Level level, String message, @Nullable Throwable failure) {
        if (failure == null) {
            backend.get().log(level, PlainText.of(message));
        } else {
            backend.get().log(level, PlainText.of(message), PlainFailure.of(failure));
        }
    }

    /** The limit of one kind of event. Each of its slots can be taken once in the window. */
    private final class Kind {
        private final String name;
        /** When each slot was taken. */
        private final AtomicLongArray slots = new AtomicLongArray(LINES);

        private final AtomicLong suppressed = new AtomicLong();
        /** When the first suppressed record was suppressed. */
        private volatile long suppressedAt;

        private volatile Level level = Level.INFO;

        Kind(String name) {
            this.name = name;
            long longAgo = clock.getAsLong() - WINDOW;
            for (int i = 0; i < LINES; i++) {
                slots.set(i, longAgo);
            }
        }

        boolean admits(Level wanted) {
            long now = clock.getAsLong();
            for (int i = 0; i < LINES; i++) {
                long taken = slots.get(i);
                if (now - taken >= WINDOW && slots.compareAndSet(i, taken, now)) {
                    if (suppressed.get() > 0 && now - suppressedAt > WINDOW) {
                        // The thread that reports the count could not be started.
                        report();
                    }
                    return true;
                }
            }
            level = wanted;
            if (suppressed.getAndIncrement() == 0) {
                suppressedAt = now;
                scheduleReport();
            }
            return false;
        }

        private void scheduleReport() {
            try {
                later.execute(this::report);
            } catch (RuntimeException | Error noThread) {
                // The count is written with the next record, or by close().
            }
        }

        void report() {
            long count = suppressed.getAndSet(0);
            if (count == 0) {
                return;
            }
            try {
                write(level, owner.get() + ": " + count + " more log records suppressed: " + name, null);
            } catch (Throwable lost) {
                suppressed.addAndGet(count);
            }
        }
    }
}
