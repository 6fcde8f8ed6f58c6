package org.socketserver.api.internal;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Safe access to throwables of users, whose methods can be overridden and can throw or return null.
 *
 * <p>Errors are contained too: reporting a failure must not cause another one, especially when memory is low.
 */
public final class Thrown {
    private Thrown() {}

    /**
     * Returns the text of a throwable.
     *
     * @param thrown a throwable
     * @return the result of {@code toString()}; a text with the name of the class if that fails
     */
    public static String text(Throwable thrown) {
        return call(thrown, "toString()", thrown::toString);
    }

    /**
     * Returns the message of a throwable.
     *
     * @param thrown a throwable
     * @return the result of {@code getMessage()}; the name of the class if there is no message
     */
    public static String message(Throwable thrown) {
        return call(thrown, "getMessage()", () -> Objects.requireNonNullElse(thrown.getMessage(), className(thrown)));
    }

    /**
     * Returns the name of the class of a throwable.
     *
     * @param thrown a throwable
     * @return the name
     */
    public static String className(Throwable thrown) {
        return thrown.getClass().getName();
    }

    private static String call(Throwable thrown, String method, Callable<@Nullable String> body) {
        String instead;
        try {
            String text = body.call();
            if (text != null) {
                return text;
            }
            instead = " returned null";
        } catch (Throwable defect) {
            instead = " threw " + className(defect);
        }
        return className(thrown) + " (its " + method + instead + ")";
    }

    /**
     * Returns the cause of a throwable.
     *
     * @param thrown a throwable
     * @return the cause; null if there is none, or if {@code getCause()} throws
     */
    public static @Nullable Throwable cause(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable defect) {
            return null;
        }
    }

    /**
     * Returns the stack trace of a throwable.
     *
     * @param thrown a throwable
     * @return the stack trace; empty if there is none, or if {@code getStackTrace()} throws
     */
    public static StackTraceElement[] trace(Throwable thrown) {
        try {
            return Stream.of(thrown.getStackTrace()).filter(Objects::nonNull).toArray(StackTraceElement[]::new);
        } catch (Throwable defect) {
            return new StackTraceElement[0];
        }
    }
}
