package org.socketserver.api.internal;

import java.io.Serial;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a throwable for logging, with control characters escaped in its text, stack trace, causes and suppressed
 * exceptions.
 *
 * <p>A logger writes {@code toString()} and the stack trace of a throwable. The former often contains bytes from a
 * client, and both can contain text from a worker process.
 */
public final class PlainFailure extends Throwable {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Maximum number of throwables in a copy; further causes and suppressed exceptions are left out. */
    private static final int MAX = 100;

    private PlainFailure(Throwable failure) {
        super(PlainText.of(Thrown.text(failure)));
        setStackTrace(Stream.of(Thrown.trace(failure)).map(PlainFailure::plain).toArray(StackTraceElement[]::new));
    }

    /**
     * Returns a throwable that is safe to log.
     *
     * @param failure the throwable, whose methods may throw
     * @return the throwable itself if it contains no control characters, otherwise an escaped copy
     */
    public static Throwable of(Throwable failure) {
        try {
            if (isPlain(failure, newSet())) {
                return failure;
            }
        } catch (Throwable defect) {
            // One of its methods threw, as it would in the log.
        }
        return copy(failure, newSet());
    }

    private static Set<Throwable> newSet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private static boolean isPlain(@Nullable Throwable failure, Set<Throwable> seen) {
        if (failure == null || !seen.add(failure)) {
            return true;
        }
        if (seen.size() > MAX) {
            return false;
        }
        return isPlain(failure.toString())
                && Stream.of(failure.getStackTrace()).allMatch(frame -> isPlain(frame.toString()))
                && isPlain(failure.getCause(), seen)
                && Stream.of(failure.getSuppressed()).allMatch(suppressed -> isPlain(suppressed, seen));
    }

    private static boolean isPlain(String text) {
        return PlainText.of(text) == text;
    }

    private static PlainFailure copy(Throwable failure, Set<Throwable> seen) {
        PlainFailure copy = new PlainFailure(failure);
        seen.add(failure);
        Throwable cause = Thrown.cause(failure);
        if (cause != null && seen.size() < MAX && !seen.contains(cause)) {
            copy.initCause(copy(cause, seen));
        }
        Stream.of(failure.getSuppressed())
                .filter(suppressed -> seen.size() < MAX && !seen.contains(suppressed))
                .forEach(suppressed -> copy.addSuppressed(copy(suppressed, seen)));
        return copy;
    }

    private static StackTraceElement plain(StackTraceElement frame) {
        return new StackTraceElement(
                plain(frame.getClassLoaderName()),
                plain(frame.getModuleName()),
                plain(frame.getModuleVersion()),
                PlainText.of(frame.getClassName()),
                PlainText.of(frame.getMethodName()),
                plain(frame.getFileName()),
                frame.getLineNumber());
    }

    private static @Nullable String plain(@Nullable String text) {
        return text == null ? null : PlainText.of(text);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }

    /** Returns the escaped {@code toString()} of the original. */
    @Override
    public String toString() {
        return String.valueOf(getMessage());
    }
}
