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
 * Closes connections whose peer may still be sending, so that the peer reads the last bytes and the end of input
 * instead of a reset.
 *
 * <p>Bytes that have arrived are read and dropped at once. If there were any, or if a client was rejected with an
 * answer, the connection lingers: what arrives within {@value #MAX_MILLIS} ms is dropped too, until the peer ends its
 * output. The sweeper's thread does this, and only the close of a server waits for it. At most about {@value
 * #MAX_LINGERING} connections linger at a time in one JVM. Further ones are closed at once, and so are all when the
 * process runs out of descriptors.
 */
final class LingeringClose {
    static final LingeringClose INSTANCE = new LingeringClose();

    private static final int MAX_LINGERING = 1_024;
    /**
     * Workers ({@code Worker.END}, {@code WorkerPool}) and the command line ({@code ServeRun.MAX}) allow for this time
     * when they end a process. The Javadoc of {@code BaseServer}, {@code Request} and {@code WhenFull} names it.
     */
    private static final long MAX_MILLIS = 2_000;

    private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(MAX_MILLIS);
    /** Makes the sweeper run every 10 ms. */
    private static final long SWEEP = TimeUnit.MILLISECONDS.toNanos(80);

    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(2);
    /** Maximum number of bytes dropped in one round. The rest is dropped in the next round. */
    private static final int MAX_AT_ONCE = 1 << 20;

    /** Receives dropped bytes. All threads write to it, and none reads it. */
    private static final ByteBuffer SINK = ByteBuffer.allocateDirect(16 * 1024);

    private final Map<Lingerer, Server> lingering = new ConcurrentHashMap<>();

    private LingeringClose() {}

    /**
     * Closes a connection whose output was ended. Closes it at once if the peer has ended its output too, has sent
     * nothing that is unread, or has no answer to lose. Otherwise the connection lingers.
     *
     * @param expectsMore true to linger even if the peer has sent nothing yet
     * @param answered true if anything was sent to the peer
     */
    void close(Connection connection, Server server, boolean expectsMore, boolean answered) {
        boolean watched = false;
        try {
            if ((expectsMore || !connection.isAllRead())
                    && connection.nonBlocking()
                    && skipUnread(connection) >= (expectsMore ? 0 : 1)
                    && answered
                    && lingering.size() < MAX_LINGERING) {
                Lingerer lingerer = new Lingerer(connection);
                lingering.put(lingerer, server);
                watched = true;
                lingerer.begin();
            }
        } catch (IOException | RuntimeException | OutOfMemoryError impossible) {
            // The peer is gone, a user's connection has thrown, or the sweeper's thread can't be started.
        } finally {
            if (!watched) {
                closeNow(connection);
            }
        }
    }

    /** Closes all lingering connections at once, because descriptors have run out. */
    void closeAll() {
        lingering.keySet().forEach(Lingerer::end);
    }

    /** Waits until no connection of a server lingers. An interrupt ends the wait and is kept. */
    void await(Server server) {
        long began = System.nanoTime();
        // Longer than any connection lingers, in case a listener blocks the sweeper's thread.
        while (lingering.containsValue(server)
                && System.nanoTime() - began < 2 * MAX_NANOS
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
     * Reads and drops the bytes that have arrived, without waiting.
     *
     * @return the number of bytes dropped; -1 if the peer has ended its output
     */
    static int skipUnread(Connection connection) throws IOException {
        int dropped = 0;
        while (dropped < MAX_AT_ONCE) {
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

    /** One lingering connection. Used by the sweeper's thread only. */
    private final class Lingerer implements DeadlineSweeper.Waiter {
        private final Connection connection;
        private final long began = System.nanoTime();

        Lingerer(Connection connection) {
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
                over = skipUnread(connection) < 0 || now - began >= MAX_NANOS;
            } catch (IOException gone) {
                // Nothing more arrives.
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
