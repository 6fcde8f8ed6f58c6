package org.socketserver.mixins.pool;

import java.util.ResourceBundle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The logger of the framework, {@code org.socketserver}, which keeps what a user's log handler throws away from those who log: a
 * record that can't be written is lost, and nothing else. May be called by any thread.
 */
public final class GuardedLog implements System.Logger {
    /** The one there is. */
    public static final System.Logger LOG = new GuardedLog(System.getLogger("org.socketserver"));

    private final System.Logger logger;

    private GuardedLog(System.Logger logger) {
        this.logger = logger;
    }

    @Override
    public String getName() {
        return logger.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
        return logger.isLoggable(level);
    }

    @Override
    public void log(Level level, Supplier<String> message) {
        guard(() -> logger.log(level, message));
    }

    @Override
    public void log(Level level, @Nullable ResourceBundle texts, String message, @Nullable Throwable thrown) {
        guard(() -> logger.log(level, texts, message, thrown));
    }

    @Override
    public void log(
            Level level, @Nullable ResourceBundle texts, String format, @Nullable Object @Nullable ... parameters) {
        guard(() -> logger.log(level, texts, format, parameters));
    }

    private static void guard(Runnable record) {
        try {
            record.run();
        } catch (Throwable lost) {
            // There is no place left to tell it.
        }
    }
}
