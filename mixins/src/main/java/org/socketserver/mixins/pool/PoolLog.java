package org.socketserver.mixins.pool;

import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/**
 * Where mix-ins tell what needs a person: the framework's one logger. A record that can't be written is lost, and nothing else, as
 * in the rest of the framework. May be called by any thread.
 */
public final class PoolLog {
    private static final System.Logger LOG = System.getLogger("org.socketserver");

    private PoolLog() {}

    /**
     * Logs a message.
     *
     * @param level how much it matters
     * @param message makes the message if it is wanted
     */
    public static void log(Level level, Supplier<String> message) {
        try {
            LOG.log(level, message);
        } catch (Throwable lost) {
            // A log handler of the application failed; there is no place left to tell it.
        }
    }

    /** Logs a failure. */
    static void log(Level level, String message, Throwable failure) {
        try {
            LOG.log(level, message, failure);
        } catch (Throwable lost) {
            // As above.
        }
    }
}
