package org.socketserver.api;

import java.util.ResourceBundle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a user's log handler throws away from the server, and an {@link OutOfMemoryError} while it tells of another: a
 * record that can't be written is lost, and nothing else. May be called by any thread.
 */
final class GuardedLog implements System.Logger {
    private final String name;
    private volatile System.@Nullable Logger logger;

    GuardedLog(String name) {
        this.name = name;
    }

    /** Asked for when there is something to log: the JDK takes as long to make the first one as a server to answer. */
    private System.Logger logger() {
        System.Logger current = logger;
        if (current == null) {
            current = System.getLogger(name);
            logger = current;
        }
        return current;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public boolean isLoggable(Level level) {
        return logger().isLoggable(level);
    }

    @Override
    public void log(Level level, Supplier<String> message) {
        guard(() -> logger().log(level, message));
    }

    @Override
    public void log(Level level, @Nullable ResourceBundle texts, String message, @Nullable Throwable thrown) {
        guard(() -> logger().log(level, texts, message, thrown));
    }

    @Override
    public void log(
            Level level, @Nullable ResourceBundle texts, String format, @Nullable Object @Nullable ... parameters) {
        guard(() -> logger().log(level, texts, format, parameters));
    }

    private static void guard(Runnable record) {
        try {
            record.run();
        } catch (Throwable lost) {
            // There is no place left to tell it.
        }
    }
}
