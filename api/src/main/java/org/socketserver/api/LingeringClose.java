package org.socketserver.api;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes connections whose peer may still be sending, so that it reads our last bytes and the end of input instead of a
 * reset.
 *
 * <p>What is there is read and dropped at once, and if there was anything, or a peer was answered that could not say what it
 * wants, also what follows within {@value #MOST_MILLIS} ms, until the peer ends as well. The sweeper does it; nobody waits,
 * except the close of a server for its own connections. No more than {@value #MOST} connections linger at a time in one JVM;
 * further ones are closed at once.
 */
final class LingeringClose {
    static final LingeringClose INSTANCE = new LingeringClose();

    private static final int MOST = 1_024;
    private static final long MOST_MILLIS = 2_000;
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(MOST_MILLIS);
    /** Makes the sweeper look every 10 ms. */
    private static final long SWEEP = TimeUnit.MILLISECONDS.toNanos(80);

    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(2);
    /** Bytes read off at once; a peer that sends faster is seen again at the next look. */
    private static final int MOST_AT_ONCE = 1 << 20;

    /** Where dropped bytes go; all threads write into it, nobody reads. */
    private static final ByteBuffer SINK = ByteBuffer.allocateDirect(16 * 1024);

    private final Map<Farewell, Server> lingering = new ConcurrentHashMap<>();

    private LingeringClose() {}

    /**
     * Closes a connection whose output was ended: now if the peer has ended as well, or has sent nothing that is unread, else
     * by and by.
     *
     * @param expectsMore true to linger also if the peer has sent nothing yet
     */
    void close(Connection connection, Server server, boolean expectsMore) {
        try {
            if (lingering.size() < MOST
                    && connection.nonBlocking()
                    && skipUnread(connection) >= (expectsMore ? 0 : 1)
                    && linger(new Farewell(connection), server)) {
                return;
            }
        } catch (IOException gone) {
            // So there is nobody to be polite to.
        }
        closeNow(connection);
    }

    /** Leaves a connection to the sweeper; false if the system has no thread for that. */
    private boolean linger(Farewell farewell, Server server) {
        lingering.put(farewell, server);
        try {
            DeadlineSweeper.INSTANCE.watch(farewell, SWEEP);
            return true;
        } catch (OutOfMemoryError noThread) {
            lingering.remove(farewell);
            return false;
        }
    }

    /** Loads what the first farewell would load. */
    void prepare() throws IllegalAccessException {
        MethodHandles.lookup().ensureInitialized(Farewell.class);
    }

    /** Waits until no connection of a server lingers, which is soon; an interrupt ends the wait and is kept. */
    void await(Server server) {
        while (lingering.containsValue(server) && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(this, POLL);
        }
    }

    static void closeNow(Connection connection) {
        try {
            connection.close();
        } catch (IOException nothingLeftToDo) {
            // The descriptor is released even when close reports an error (close(2), Linux).
        }
    }

    /**
     * Reads and drops what has come, without waiting.
     *
     * @return bytes dropped, -1 if the peer has ended
     */
    static int skipUnread(Connection connection) throws IOException {
        int dropped = 0;
        while (dropped < MOST_AT_ONCE) {
            int count = connection.read(SINK.duplicate());
            if (count < 0) {
                return -1;
            }
            if (count == 0) {
                break;
            }
            dropped += count;
        }
        return dropped;
    }

    /** One connection that lingers; used by the sweeper's thread alone. */
    private final class Farewell implements DeadlineSweeper.Waiter {
        private final Connection connection;
        private final long began = System.nanoTime();

        Farewell(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void sweep(long now) {
            boolean over = now - began >= MOST_NANOS;
            try {
                over |= skipUnread(connection) < 0;
            } catch (IOException gone) {
                over = true;
            }
            if (over) {
                DeadlineSweeper.INSTANCE.forget(this);
                closeNow(connection);
                lingering.remove(this);
            }
        }
    }
}
