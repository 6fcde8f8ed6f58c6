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
 * <p>What a log writes of a throwable is {@code toString()} and the stack trace. A client can often put its bytes
 * into the former, a worker process into both.
 */
public final class PlainFailure extends Throwable {
    @Serial
    private static final long serialVersionUID = 1L;

    /** More causes and suppressed ones than that are left out. */
    private static final int MOST = 100;

    private PlainFailure(Throwable failure) {
        super(PlainText.of(Thrown.text(failure)));
        setStackTrace(Stream.of(Thrown.trace(failure)).map(PlainFailure::plain).toArray(StackTraceElement[]::new));
    }

    /**
     * Returns what may be logged in place of a throwable.
     *
     * @param failure the throwable, whose methods may throw
     * @return the throwable itself if all its text is plain, otherwise an escaped copy
     */
    public static Throwable of(Throwable failure) {
        try {
            if (isPlain(failure, newSet())) {
                return failure;
            }
        } catch (Throwable defect) {
            // One of its own methods failed, as it would in the log.
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
        if (seen.size() > MOST) {
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
        if (cause != null && seen.size() < MOST && !seen.contains(cause)) {
            copy.initCause(copy(cause, seen));
        }
        Stream.of(failure.getSuppressed())
                .filter(suppressed -> seen.size() < MOST && !seen.contains(suppressed))
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

    /** Returns what the {@code toString()} of the other said. */
    @Override
    public String toString() {
        return String.valueOf(getMessage());
    }
}
