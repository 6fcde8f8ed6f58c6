package org.socketserver.api.log;

import java.io.Serial;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a throwable whose text or stack trace holds control characters, for a log: the same text, stack trace,
 * causes and suppressed ones, all as {@link PlainText}.
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
     * @return the same if all its text is plain, as nearly always; else its stand-in
     */
    public static Throwable of(Throwable failure) {
        return isPlain(failure, newSet()) ? failure : copy(failure, newSet());
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
        return isPlain(Thrown.text(failure))
                && Stream.of(Thrown.trace(failure)).allMatch(frame -> isPlain(frame.toString()))
                && isPlain(Thrown.cause(failure), seen)
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
