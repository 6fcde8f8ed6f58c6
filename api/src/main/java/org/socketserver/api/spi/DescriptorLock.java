package org.socketserver.api.spi;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The lock of this JVM between code that opens file descriptors and code that starts processes.
 *
 * <p>When the JDK starts a process it opens several pipes. If no file descriptor is free for one of them, the JDK (seen
 * with 17 and 25) closes numbers that it never opened, such as standard input or a jar file. A mix-in that starts
 * processes therefore proves first that enough descriptors are free, by opening that many and closing them, and then
 * starts the process at once, both inside {@link #exclusive}.
 *
 * <p>Servers accept connections inside {@link #shared}, so no accept loop of this JVM takes a connection meanwhile.
 * Accept loops that wait for connections, and loops that receive datagrams, neither hold nor wait for this lock. Code
 * that uses neither method, such as a handler that opens a file, is not restricted.
 *
 * <p>Both methods may be called by any thread and may be nested, so a mix-in may start a process on the accept loop.
 */
public final class DescriptorLock {
    private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();

    private DescriptorLock() {}

    /**
     * An action that runs while the lock is held. It must be short and must not wait for another thread.
     *
     * @param <T> type of its result
     */
    @FunctionalInterface
    public interface Action<T> {
        /**
         * Runs the action.
         *
         * @return the result
         * @throws IOException passed on to the caller
         */
        T run() throws IOException;
    }

    /**
     * Runs an action while no other thread is inside this method or {@link #shared}. Waits uninterruptibly for threads
     * that are.
     *
     * @param <T> type of the result
     * @param action proves that descriptors are free, then starts a process
     * @return the result of the action
     * @throws IOException if the action throws it
     */
    public static <T> T exclusive(Action<T> action) throws IOException {
        // A read lock can't be upgraded to a write lock: two threads that try it would wait for each other.
        int held = LOCK.getReadHoldCount();
        for (int i = 0; i < held; i++) {
            LOCK.readLock().unlock();
        }
        LOCK.writeLock().lock();
        try {
            return action.run();
        } finally {
            for (int i = 0; i < held; i++) {
                LOCK.readLock().lock();
            }
            LOCK.writeLock().unlock();
        }
    }

    /**
     * Runs an action that opens file descriptors, while no other thread is inside {@link #exclusive}. Any number of
     * threads may be inside this method at once.
     *
     * @param <T> type of the result
     * @param action opens descriptors, and waits neither for a peer nor for a lock
     * @return the result of the action
     * @throws IOException if the action throws it
     */
    public static <T> T shared(Action<T> action) throws IOException {
        LOCK.readLock().lock();
        try {
            return action.run();
        } finally {
            LOCK.readLock().unlock();
        }
    }
}
