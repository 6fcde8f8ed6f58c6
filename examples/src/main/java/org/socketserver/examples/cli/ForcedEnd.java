package org.socketserver.examples.cli;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.ServerOptions;
import org.socketserver.unix.UnixAddress;

/**
 * Ends the process whatever hangs in it, shutdown hooks included, and removes the socket file, which a server that is
 * not closed leaves behind.
 */
final class ForcedEnd {
    /** The most time that a stop takes besides its drain delay and its grace. */
    static final Duration MOST = Duration.ofSeconds(2);

    /** The most time for the removal of the file and for the last line. */
    static final Duration LAST = Duration.ofMillis(200);

    /** For the end of the process itself. */
    private static final Duration RESERVE = Duration.ofMillis(50);

    private final @Nullable Path file;
    private final @Nullable Object key;

    private ForcedEnd(@Nullable Path file) {
        this.file = file;
        key = file == null ? null : keyOf(file);
    }

    /**
     * Remembers the socket file.
     *
     * @param address the address of a bound server
     */
    static ForcedEnd of(SocketAddress address) {
        return new ForcedEnd(address instanceof UnixAddress unix ? unix.path().orElse(null) : null);
    }

    /** Which file it is, as another server may have replaced it; null if there is none. */
    private static @Nullable Object keyOf(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (IOException none) {
            return null;
        }
    }

    /**
     * Returns how long a stop may take before this end begins.
     *
     * @param options the drain delay and the grace
     */
    static Duration limit(ServerOptions options) {
        return options.drainDelay().plus(options.grace()).plus(MOST).minus(LAST).minus(RESERVE);
    }

    /**
     * Ends the process when a stop takes too long.
     *
     * @param stop completed when the stop begins
     * @param limit how long it may take
     * @param lastWords called then; says what is cut short, and may hang
     * @param status returns the exit status
     */
    void ifLate(CompletableFuture<?> stop, Duration limit, Runnable lastWords, IntSupplier status) {
        // Started now: later there may be no thread for it.
        start("stop limit", () -> {
            stop.handle((done, failure) -> done).join();
            try {
                TimeUnit.MILLISECONDS.sleep(TimeUnit.MILLISECONDS.convert(limit));
            } catch (InterruptedException never) {
                // Then it ends early.
            }
            end(lastWords, status.getAsInt());
        });
    }

    /** Ends the process. */
    void now(int status) {
        end(() -> {}, status);
    }

    private void end(Runnable lastWords, int status) {
        try {
            start("last words", () -> {
                        removeFile();
                        lastWords.run();
                    })
                    .join(LAST.toMillis());
        } catch (Throwable noThread) {
            // The file is left.
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }

    private void removeFile() {
        if (file != null && key != null && key.equals(keyOf(file))) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException left) {
                // The next server there replaces it.
            }
        }
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
