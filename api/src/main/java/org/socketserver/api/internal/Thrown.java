package org.socketserver.api.internal;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks throwables of users with care: each of their methods can be overridden, and throw, or give null.
 *
 * <p>Errors too are contained: what is told of a failure must not become another one, least of all when memory is
 * short.
 */
public final class Thrown {
    private Thrown() {}

    /**
     * Returns its text.
     *
     * @param thrown a throwable
     * @return what {@code toString()} gives; something that names the class if that fails
     */
    public static String text(Throwable thrown) {
        return told(thrown, "toString()", thrown::toString);
    }

    /**
     * Returns its message.
     *
     * @param thrown a throwable
     * @return what {@code getMessage()} gives; the name of the class if it has no message
     */
    public static String message(Throwable thrown) {
        return told(thrown, "getMessage()", () -> Objects.requireNonNullElse(thrown.getMessage(), className(thrown)));
    }

    /**
     * Returns the name of its class.
     *
     * @param thrown a throwable
     * @return the name
     */
    public static String className(Throwable thrown) {
        return thrown.getClass().getName();
    }

    private static String told(Throwable thrown, String method, Callable<@Nullable String> asked) {
        String instead;
        try {
            String text = asked.call();
            if (text != null) {
                return text;
            }
            instead = " gave null";
        } catch (Throwable defect) {
            instead = " threw " + className(defect);
        }
        return className(thrown) + " (its " + method + instead + ")";
    }

    /**
     * Returns its cause.
     *
     * @param thrown a throwable
     * @return the cause; null if it has none, or can't be asked
     */
    public static @Nullable Throwable cause(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable defect) {
            return null;
        }
    }

    /**
     * Returns where it was thrown.
     *
     * @param thrown a throwable
     * @return the stack trace; empty if it has none, or can't be asked
     */
    public static StackTraceElement[] trace(Throwable thrown) {
        try {
            return Stream.of(thrown.getStackTrace()).filter(Objects::nonNull).toArray(StackTraceElement[]::new);
        } catch (Throwable defect) {
            return new StackTraceElement[0];
        }
    }
}
