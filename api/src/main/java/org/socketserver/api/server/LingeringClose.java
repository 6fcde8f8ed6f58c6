package org.socketserver.api.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.socketserver.api.Server;
import org.socketserver.api.spi.Connection;

/**
 * Closes connections whose peer may still be sending, so that it reads our last bytes and the end of input instead of a
 * reset.
 *
 * <p>What is there is read and dropped at once, and if there was anything, or a peer was answered that could not say
 * what it wants, also what follows within {@value #MOST_MILLIS} ms, until the peer ends as well. The sweeper does it;
 * nobody waits, except the close of a server for its own connections. No more than about {@value #MOST} connections
 * linger at a time in one JVM; further ones are closed at once, and all are when the process lacks descriptors.
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
     * Closes a connection whose output was ended: now if the peer has ended as well, has sent nothing that is unread,
     * or was sent nothing that it could lose; else by and by.
     *
     * @param expectsMore true to linger also if the peer has sent nothing yet
     * @param answered true if the peer was sent anything
     */
    void close(Connection connection, Server server, boolean expectsMore, boolean answered) {
        boolean watched = false;
        try {
            if ((expectsMore || !connection.isAllRead())
                    && connection.nonBlocking()
                    && skipUnread(connection) >= (expectsMore ? 0 : 1)
                    && answered
                    && lingering.size() < MOST) {
                Farewell farewell = new Farewell(connection);
                lingering.put(farewell, server);
                watched = true;
                farewell.begin();
            }
        } catch (IOException | RuntimeException | OutOfMemoryError impossible) {
            // Nobody is there to be polite to, a user's connection has thrown, or the sweeper's thread can't be
            // started.
        } finally {
            if (!watched) {
                closeNow(connection);
            }
        }
    }

    /** Closes all connections that linger now, because descriptors ran out. */
    void closeAll() {
        lingering.keySet().forEach(Farewell::end);
    }

    /** Waits until no connection of a server lingers, which is soon; an interrupt ends the wait and is kept. */
    void await(Server server) {
        long began = System.nanoTime();
        // Longer than any lingers, should the sweeper be held up by a listener.
        while (lingering.containsValue(server)
                && System.nanoTime() - began < 2 * MOST_NANOS
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(this, POLL);
        }
    }

    static void closeNow(Connection connection) {
        try {
            connection.close();
        } catch (IOException | RuntimeException nothingLeftToDo) {
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

        void begin() {
            boolean watched = false;
            try {
                DeadlineSweeper.INSTANCE.watch(this, SWEEP);
                watched = true;
            } finally {
                if (!watched) {
                    // The sweeper's thread can't be started.
                    end();
                }
            }
        }

        @Override
        public void sweep(long now) {
            boolean over = true;
            try {
                over = skipUnread(connection) < 0 || now - began >= MOST_NANOS;
            } catch (IOException gone) {
                // Nothing more comes.
            } finally {
                if (over) {
                    end();
                }
            }
        }

        private void end() {
            DeadlineSweeper.INSTANCE.forget(this);
            try {
                closeNow(connection);
            } finally {
                lingering.remove(this);
            }
        }
    }
}
