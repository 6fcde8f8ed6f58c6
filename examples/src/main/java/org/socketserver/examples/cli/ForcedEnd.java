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
import org.socketserver.unix.UnixAddress;

/**
 * Ends the process whatever hangs in it, hooks of the JVM included, and removes the socket file, which a server that
 * is not closed leaves behind.
 */
final class ForcedEnd {
    private static final long REMOVAL_MILLIS = 200;

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
     * Ends the process when a stop takes too long.
     *
     * @param stop completed when the stop begins
     * @param limit how long it may take
     * @param status gives the exit status
     */
    void ifLate(CompletableFuture<?> stop, Duration limit, IntSupplier status) {
        // Started now: later there may be no thread for it.
        start("stop limit", () -> {
            stop.handle((done, failure) -> done).join();
            try {
                TimeUnit.MILLISECONDS.sleep(TimeUnit.MILLISECONDS.convert(limit));
            } catch (InterruptedException never) {
                // Then it ends early.
            }
            now(status.getAsInt());
        });
    }

    /** Ends the process. */
    void now(int status) {
        try {
            start("socket file", this::removeFile).join(REMOVAL_MILLIS);
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
