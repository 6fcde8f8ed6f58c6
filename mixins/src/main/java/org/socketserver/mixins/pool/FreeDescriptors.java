package org.socketserver.mixins.pool;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Proves that enough file descriptors are free to start a worker, inside of {@link org.socketserver.api.DescriptorLock#exclusive}.
 *
 * <p>With fewer, the JDK (seen with 17 and 25) closes descriptors that are not its own: when pipe2(2) fails in its {@code forkAndExec},
 * it closes the numbers of the pipes that it did not make, and those are uninitialized.
 */
final class FreeDescriptors {
    /** What the JDK opens to start a process: ten for five pipes, and it was seen to fail with ten and to work with eleven. */
    private static final int PROCESS = 12;

    /** What a worker takes until it is ready: the socket where it connects, and two links of up to three descriptors. */
    private static final int STARTUP = 7;

    /** Workers of this JVM that are starting: what they take may be opened at any moment. */
    private static final AtomicInteger STARTING = new AtomicInteger();

    private FreeDescriptors() {}

    /** Returns how many descriptors have to be free for one more worker. */
    private static int needed() {
        return PROCESS + STARTUP * (STARTING.get() + 1);
    }

    /**
     * Counts a worker that is to be started; {@link #release} follows in any case, unless this throws.
     *
     * @throws LackException if too few descriptors are free
     */
    static void claim() throws LackException {
        int needed = needed();
        Deque<SocketChannel> opened = new ArrayDeque<>(needed);
        try {
            while (opened.size() < needed) {
                opened.push(SocketChannel.open());
            }
        } catch (IOException none) {
            throw new LackException(
                    opened.size() + " file descriptors are free, " + needed + " are needed: " + none.getMessage(),
                    none);
        } finally {
            opened.forEach(FreeDescriptors::close);
        }
        STARTING.incrementAndGet();
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException released) {
            // The descriptor is released even when close reports an error (close(2), Linux).
        }
    }

    /** A worker is ready, or has not become ready. */
    static void release() {
        STARTING.decrementAndGet();
    }

    /** Returns whether something failed because no file descriptor was free. */
    static boolean isLack(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            // EMFILE; ENFILE says "in system" besides. The JDK tells the cause only in words.
            if (cause instanceof LackException
                    || (cause instanceof IOException
                            && String.valueOf(cause.getMessage())
                                    .toLowerCase(Locale.ROOT)
                                    .contains("too many open files"))) {
                return true;
            }
        }
        return false;
    }

    /** Thrown when too few file descriptors are free to start a worker. */
    static final class LackException extends IOException {
        private static final long serialVersionUID = 1L;

        private LackException(String message, IOException cause) {
            super(message, cause);
        }
    }
}
