package org.socketserver.mixins.forking.parent;

import java.io.Closeable;
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
 * {@code forkAndExec}, it closes the descriptors of the pipes that it did not create, and these variables are
 * uninitialized.
 */
final class FreeDescriptors implements Closeable {
    /** What the JDK opens to start a process: ten for five pipes. It failed with ten free and worked with eleven. */
    private static final int PROCESS = 12;

    /** The socket where a worker connects. */
    private static final int SOCKET = 1;

    /** What a worker uses until it is ready: that socket, two connections, and a copy of one of them. */
    private static final int STARTUP = SOCKET + 3;

    /** How many causes of a failure are examined: they may form a cycle. */
    private static final int MAX_CAUSES = 20;

    /** Workers of this JVM that are starting and may open their descriptors at any moment. */
    private static final AtomicInteger STARTING = new AtomicInteger();

    private FreeDescriptors() {}

    /**
     * Counts a worker that will be started, until the claim is closed: when it is ready or has failed to start.
     *
     * @throws ShortageException if too few descriptors are free
     */
    static FreeDescriptors claim() throws IOException {
        return DescriptorLock.exclusive(() -> {
            prove(PROCESS + STARTUP * (STARTING.get() + 1));
            STARTING.incrementAndGet();
            return new FreeDescriptors();
        });
    }

    /**
     * Proves that a process can be started for a worker that is counted and has its socket. Called, like the start of
     * the process, inside {@link DescriptorLock#exclusive}.
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

    @Override
    public void close() {
        STARTING.decrementAndGet();
    }

    /**
     * Returns whether a failure was caused by a lack of file descriptors in this process. The message of a {@link
     * WorkerStartException} is not examined: it contains what a worker printed, which may lack descriptors of its own.
     */
    static boolean isShortage(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(MAX_CAUSES)
                .anyMatch(cause -> cause instanceof ShortageException || isTooManyOpenFiles(cause));
    }

    private static boolean isTooManyOpenFiles(Throwable failure) {
        // EMFILE or ENFILE (which adds "in system"). The JDK has the reason only as text.
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
