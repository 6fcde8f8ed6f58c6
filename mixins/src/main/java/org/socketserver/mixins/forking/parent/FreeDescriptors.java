package org.socketserver.mixins.forking.parent;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.socketserver.api.spi.DescriptorLock;
import org.socketserver.mixins.WorkerStartException;

/**
 * Proves that enough file descriptors are free to start a worker: once before anything is opened for it, and again
 * just before its process is started.
 *
 * <p>With fewer, the JDK (seen with 17 and 25) closes descriptors that are not its own: when pipe2(2) fails in its
 * {@code forkAndExec}, it closes the numbers of the pipes that it did not make, and those are uninitialized.
 */
final class FreeDescriptors {
    /**
     * What the JDK opens to start a process: ten for five pipes, and it was seen to fail with ten and to work with
     * eleven.
     */
    private static final int PROCESS = 12;

    /** The socket where a worker connects. */
    private static final int SOCKET = 1;

    /** What a worker takes until it is ready: that socket, two connections, and a copy of one of them. */
    private static final int STARTUP = SOCKET + 3;

    /** Causes of a failure that are looked at: they may form a cycle. */
    private static final int MOST_CAUSES = 20;

    /** Workers of this JVM that are starting: what they take may be opened at any moment. */
    private static final AtomicInteger STARTING = new AtomicInteger();

    private FreeDescriptors() {}

    /**
     * Counts a worker that is to be started; {@link #release} follows in any case, unless this throws.
     *
     * @throws ShortageException if too few descriptors are free
     */
    static void claim() throws IOException {
        DescriptorLock.exclusive(() -> {
            prove(PROCESS + STARTUP * (STARTING.get() + 1));
            return STARTING.incrementAndGet();
        });
    }

    /**
     * Proves that a process can be started for a worker that is counted and has its socket. Called inside of {@link
     * DescriptorLock#exclusive}, and the process is started there too.
     *
     * @throws ShortageException if too few descriptors are free
     */
    static void requireForProcess() throws ShortageException {
        prove(PROCESS + STARTUP * STARTING.get() - SOCKET);
    }

    private static void prove(int needed) throws ShortageException {
        Deque<SocketChannel> opened = new ArrayDeque<>(needed);
        try {
            while (opened.size() < needed) {
                opened.push(SocketChannel.open());
            }
        } catch (IOException none) {
            throw new ShortageException(
                    opened.size() + " file descriptors are free, " + needed + " are needed: " + none.getMessage(),
                    none);
        } finally {
            opened.forEach(Quietly::close);
        }
    }

    /** A worker is ready, or has not become ready. */
    static void release() {
        STARTING.decrementAndGet();
    }

    /**
     * Returns whether something failed because no file descriptor of this process was free. A {@link
     * WorkerStartException} says nothing of that: its message has what a worker said, which may be short of its own.
     */
    static boolean isShortage(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(MOST_CAUSES)
                .anyMatch(cause -> cause instanceof ShortageException || isTooManyOpenFiles(cause));
    }

    private static boolean isTooManyOpenFiles(Throwable failure) {
        // EMFILE; ENFILE says "in system" besides. The JDK gives the reason only as text.
        return failure instanceof IOException
                && !(failure instanceof WorkerStartException)
                && String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("too many open files");
    }

    /** Thrown when too few file descriptors are free to start a worker. */
    static final class ShortageException extends IOException {
        private static final long serialVersionUID = 1L;

        private ShortageException(String message, IOException cause) {
            super(message, cause);
        }
    }
}
