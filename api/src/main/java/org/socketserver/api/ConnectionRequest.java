package org.socketserver.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The stream request of every transport: a {@link Connection} with deadlines, counters and the idle rule of a stop.
 *
 * <p><b>What a read and a write cost</b> beyond the connection's own: two ordered stores. A wait is announced by making a
 * count odd and taken back by making it even; the deadline sweeper and a stop look at the counts from outside, so that
 * nothing is armed, allocated or locked per operation.
 *
 * <p><b>The yield.</b> On a virtual thread, the first read after a write yields once. The bytes that answer what was just
 * written have not come yet, so that read would park: an {@code epoll_ctl}, a park and a wake-up. After the yield the
 * peers have run, and the read mostly finds its bytes.
 */
public final class ConnectionRequest implements StreamRequest {
    /** Bytes given to the connection at once; the JDK copies heap arrays to a direct buffer as large as the write. */
    private static final int WRITE_CHUNK = 128 * 1024;

    private static final VarHandle READS;
    private static final VarHandle WRITES;
    private static final VarHandle UNANSWERED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            READS = lookup.findVarHandle(ConnectionRequest.class, "reads", long.class);
            WRITES = lookup.findVarHandle(ConnectionRequest.class, "writes", long.class);
            UNANSWERED = lookup.findVarHandle(ConnectionRequest.class, "unanswered", boolean.class);
        } catch (ReflectiveOperationException never) {
            throw new ExceptionInInitializerError(never);
        }
    }

    private final Connection connection;
    private final Server server;
    private final Input input = new Input();
    private final Output output = new Output();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Odd while a read waits; stored by the reading thread alone. */
    @SuppressWarnings("unused")
    private long reads;
    /** Odd while a write waits; stored by the writing thread alone. */
    @SuppressWarnings("unused")
    private long writes;
    /** True from the first byte read until something is written. */
    @SuppressWarnings("unused")
    private boolean unanswered;

    private volatile long bytesIn;
    private volatile long bytesOut;
    private volatile boolean draining;
    /** True once something was written while a stop waits: no further request is read then, even if it is there. */
    private volatile boolean lastAnswered;

    private volatile boolean readTimedOut;
    private volatile boolean writeTimedOut;
    private volatile long readTimeout;
    private volatile long writeTimeout;
    private final DeadlineSweeper.Waiter watch = new Watch();

    /**
     * Takes over a connection. The time-outs are those of the server's options.
     *
     * @param connection the connection; closed with this request
     * @param server the server that accepted it
     */
    public ConnectionRequest(Connection connection, Server server) {
        this.connection = Objects.requireNonNull(connection, "connection");
        this.server = Objects.requireNonNull(server, "server");
        readTimeout = Durations.nanos(server.options().readTimeout());
        writeTimeout = Durations.nanos(server.options().writeTimeout());
        watchDeadlines();
    }

    @Override
    public SocketAddress clientAddress() {
        return connection.remoteAddress();
    }

    @Override
    public SocketAddress serverAddress() {
        return connection.localAddress();
    }

    @Override
    public Server server() {
        return server;
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public long bytesIn() {
        return bytesIn;
    }

    @Override
    public long bytesOut() {
        return bytesOut;
    }

    @Override
    public Duration readTimeout() {
        return Duration.ofNanos(readTimeout);
    }

    @Override
    public void readTimeout(Duration timeout) {
        readTimeout = Durations.nanos(Durations.notNegative("readTimeout", timeout));
        watchDeadlines();
    }

    @Override
    public Duration writeTimeout() {
        return Duration.ofNanos(writeTimeout);
    }

    @Override
    public void writeTimeout(Duration timeout) {
        writeTimeout = Durations.nanos(Durations.notNegative("writeTimeout", timeout));
        watchDeadlines();
    }

    @Override
    public void noDelay(boolean noDelay) throws IOException {
        connection.noDelay(noDelay);
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return connection.attribute(type);
    }

    @Override
    public void shutdownOutput() throws IOException {
        connection.shutdownOutput();
    }

    /** Does nothing: every write was complete. */
    @Override
    public void complete() {}

    /**
     * Ends the input if a read waits. One that has not begun yet is let through: what the peer has sent before may lie
     * there, accepted and unread. If it waits after all, the next call ends it.
     */
    @Override
    public void drain() {
        draining = true;
        boolean reading = ((long) READS.getAcquire(this) & 1) == 1;
        if (reading && !(boolean) UNANSWERED.getAcquire(this)) {
            endInput();
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            DeadlineSweeper.INSTANCE.forget(watch);
            try {
                connection.close();
            } catch (IOException nothingLeftToDo) {
                // The descriptor is released even when close reports an error (close(2), Linux).
            }
        }
    }

    private void watchDeadlines() {
        long read = readTimeout;
        long write = writeTimeout;
        if (read == 0 && write == 0) {
            DeadlineSweeper.INSTANCE.forget(watch);
        } else {
            DeadlineSweeper.INSTANCE.watch(watch, read == 0 ? write : write == 0 ? read : Math.min(read, write));
            if (closed.get()) {
                DeadlineSweeper.INSTANCE.forget(watch);
            }
        }
    }

    /** Wakes a waiting read with the end of input; the output goes on working. */
    private void endInput() {
        try {
            connection.shutdownInput();
        } catch (IOException lost) {
            // The connection is lost, which wakes the read as well.
        }
    }

    private String peer() {
        return AddressText.of(clientAddress());
    }

    /** Names what a failed read or write means: our own deadline, our own close, or the peer's going. */
    private IOException explain(IOException failure) {
        if (writeTimedOut) {
            return new WriteTimeoutException(
                    peer() + " took no output for " + writeTimeout().toMillis() + " ms");
        }
        if (failure instanceof ClosedChannelException) {
            return failure;
        }
        return new DisconnectedException(peer() + " has gone: " + failure.getMessage(), failure);
    }

    private final class Input extends InputStream {
        private ByteBuffer view = ByteBuffer.allocate(0);
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            if (output.wroteLast && VirtualThreads.isCurrent()) {
                output.wroteLast = false;
                Thread.yield();
            }
            if (view.array() != target) {
                view = ByteBuffer.wrap(target);
            }
            view.limit(offset + length).position(offset);
            int count = ended ? -1 : await();
            if (count < 0) {
                if (readTimedOut) {
                    throw new ReadTimeoutException(
                            peer() + " sent nothing for " + readTimeout().toMillis() + " ms");
                }
                ended = true;
                return -1;
            }
            bytesIn += count;
            UNANSWERED.setRelease(ConnectionRequest.this, true);
            return count;
        }

        private int await() throws IOException {
            long wait = (long) READS.get(ConnectionRequest.this) + 1;
            READS.setRelease(ConnectionRequest.this, wait);
            try {
                if (readTimedOut || (lastAnswered && !(boolean) UNANSWERED.getAcquire(ConnectionRequest.this))) {
                    return -1;
                }
                return connection.read(view);
            } catch (IOException failure) {
                if (readTimedOut) {
                    return -1;
                }
                throw explain(failure);
            } finally {
                READS.setRelease(ConnectionRequest.this, wait + 1);
            }
        }
    }

    private final class Output extends OutputStream {
        private ByteBuffer view = ByteBuffer.allocate(0);
        /** Set by writes and cleared by the next read; a stale value costs or saves one yield. */
        private boolean wroteLast;

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            if (view.array() != source) {
                view = ByteBuffer.wrap(source);
            }
            int end = offset + length;
            view.limit(offset).position(offset);
            while (view.position() < end) {
                if (!view.hasRemaining()) {
                    view.limit(Math.min(end, view.position() + WRITE_CHUNK));
                }
                bytesOut += await();
            }
            UNANSWERED.setRelease(ConnectionRequest.this, false);
            if (draining) {
                lastAnswered = true;
            }
            wroteLast = true;
        }

        private int await() throws IOException {
            long wait = (long) WRITES.get(ConnectionRequest.this) + 1;
            WRITES.setRelease(ConnectionRequest.this, wait);
            try {
                return connection.write(view);
            } catch (IOException failure) {
                throw explain(failure);
            } finally {
                WRITES.setRelease(ConnectionRequest.this, wait + 1);
            }
        }
    }

    /** What the sweeper remembers of this connection; used by its thread alone. */
    private final class Watch implements DeadlineSweeper.Waiter {
        private long read;
        private long readSince;
        private long write;
        private long writeSince;

        @Override
        public void sweep(long now) {
            long currentRead = (long) READS.getAcquire(ConnectionRequest.this);
            if (currentRead != read || (currentRead & 1) == 0) {
                read = currentRead;
                readSince = now;
            } else if (readTimeout > 0 && now - readSince >= readTimeout) {
                readTimedOut = true;
                endInput();
            }
            long currentWrite = (long) WRITES.getAcquire(ConnectionRequest.this);
            if (currentWrite != write || (currentWrite & 1) == 0) {
                write = currentWrite;
                writeSince = now;
            } else if (writeTimeout > 0 && now - writeSince >= writeTimeout) {
                writeTimedOut = true;
                close();
            }
        }
    }
}
