package org.socketserver.mixins.wire;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks throwables of users with care: each of their methods can be overridden, and throw, or give null.
 *
 * <p>Errors too are contained: what is told of a failure must not become another one, least of all when memory is short.
 */
final class Thrown {
    private Thrown() {}

    /** Its text; something that names the class where it has none. */
    static String text(Throwable thrown) {
        return told(thrown, "toString()", thrown::toString);
    }

    /** Its message; the text that it would have without one if it has none. */
    static String message(Throwable thrown) {
        return told(thrown, "getMessage()", () -> Objects.requireNonNullElse(thrown.getMessage(), className(thrown)));
    }

    /** The name of its class. */
    static String className(Throwable thrown) {
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

    /** Its cause, if it tells. */
    static @Nullable Throwable cause(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable defect) {
            return null;
        }
    }

    /** Where it was thrown; empty if it does not tell. */
    static StackTraceElement[] trace(Throwable thrown) {
        try {
            return Stream.of(thrown.getStackTrace()).filter(Objects::nonNull).toArray(StackTraceElement[]::new);
        } catch (Throwable defect) {
            return new StackTraceElement[0];
        }
    }
}
