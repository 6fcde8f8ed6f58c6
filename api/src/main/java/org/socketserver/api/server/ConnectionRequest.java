package org.socketserver.api.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Server;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.Layer;
import org.socketserver.api.spi.RemoteHandling;

/**
 * The stream request of every transport: adds deadlines, byte counts, the idle rule of a stop, and a clean close to a
 * {@link Connection}.
 *
 * <p><b>The yield.</b> On a virtual thread, the first read after a write yields once. The answer to what was just
 * written has not arrived yet, so the read would park: an {@code epoll_ctl}, a park and a wake-up. After the yield,
 * other threads have run, and the bytes have usually arrived.
 *
 * <p><b>The clean close.</b> Closing a connection with unread bytes resets it (RFC 1122, 4.2.2.13), which can destroy
 * the last answer. So if the output was ended before the close, what the peer still sends is read and dropped for a
 * short time before the connection is released: see {@link LingeringClose}.
 */
public final class ConnectionRequest extends ServerRequest implements StreamRequest {
    /** Maximum number of bytes in one write. The JDK copies heap arrays to a direct buffer as large as the write. */
    private static final int WRITE_CHUNK = 128 * 1024;

    /** The buffer before the first read. */
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** How long a read must have waited to count as idle: one that has just begun may find its bytes. */
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** How old a connection must be to count as idle before its first byte: the client may just have connected. */
    private static final long FIRST_BYTE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * How often it must also have been seen waiting, because time passes in a pause of the JVM without the reader
     * running.
     */
    private static final int IDLE_SIGHTINGS = 2;

    /** The connection, with all layers that are over it. Changed by the thread of a handshake only. */
    private volatile Connection connection;
    /** How many layers are over it. Changed by that thread only. */
    private volatile int layers;

    private final Server server;
    private final IoWait reads = new IoWait();
    private final IoWait writes = new IoWait();
    private final RequestTimer timer;
    private final Input input = new Input();
    private final Output output = new Output();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Set when no further request may be read after the current one is answered. */
    private volatile boolean draining;
    /** When the read began that was waiting at the last call of {@link #drain}. */
    private volatile long drainedRead;

    private volatile long drainedAt;
    private volatile int drainedSightings;
    /** True from the first byte read until something is written. */
    private volatile boolean unanswered;
    /** True once a request was answered while draining. No further request is read then, even if it has arrived. */
    private volatile boolean lastAnswered;
    /** True once the connection has reached its age. */
    private volatile boolean old;
    /** The deadline that has ended the input; null if none has. */
    private volatile @Nullable Deadline inputOver;
    /** The first exception thrown for {@link #inputOver}. */
    private volatile @Nullable DeadlineException inputDeadline;
    /** The deadline that has closed the connection; null if none has. */
    private final AtomicReference<@Nullable DeadlineException> expiry = new AtomicReference<>();
    /** True once the output was ended by {@link #shutdownOutput}. */
    private volatile boolean outputEnded;
    /** False once no more bytes can arrive, or a close must not wait for them. */
    private volatile boolean lingers = true;
    /** True once another process has the connection. */
    private volatile boolean detached;
    /** True if the client was rejected with an answer, so that it may still send its request. */
    private volatile boolean answeredRejection;
    /** True if a layer has failed, which may have told the client why. */
    private volatile boolean layerFailed;
    /** The bytes that count for {@link ClientMemory}. */
    private volatile long held;
    /** True once the request has ended, after which nothing counts. Guarded by this request. */
    private boolean forgotten;

    /**
     * Creates the request of a connection. The deadlines are those of the server's options.
     *
     * @param connection the connection; closed with this request
     * @param server the server that accepted it
     */
    public ConnectionRequest(Connection connection, Server server) {
        this.connection = Objects.requireNonNull(connection, "connection");
        this.server = Objects.requireNonNull(server, "server");
        timer = new RequestTimer(this, reads, writes, server.options());
        timer.start();
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
        RemoteHandling remote = remote();
        return remote != null ? remote.bytesIn() : reads.bytes();
    }

    @Override
    public long bytesOut() {
        RemoteHandling remote = remote();
        return remote != null ? remote.bytesOut() : writes.bytes();
    }

    @Override
    public boolean isWaiting() {
        RemoteHandling remote = remote();
        return remote != null ? remote.isWaiting() : isInUse() || timer.isWaiting();
    }

    /** Returns whether a read or a write waits in this process, for a local or a remote handler. */
    private boolean isInUse() {
        return reads.isWaiting() || writes.isWaiting();
    }

    @Override
    public Duration deadline(Deadline deadline) {
        return Duration.ofNanos(timer.limit(deadline));
    }

    @Override
    public void deadline(Deadline deadline, Duration time) {
        if (deadline == Deadline.REQUEST || deadline == Deadline.AGE) {
            throw new IllegalArgumentException("the deadline " + deadline + " is set by the server's options only");
        }
        timer.limit(deadline, Checks.nanos(Checks.zeroOrOneMilli("the deadline " + deadline, time)));
        if (closed.get()) {
            timer.connectionClosed();
        }
    }

    @Override
    public void noDelay(boolean noDelay) throws IOException {
        connection.noDelay(noDelay);
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return connection.attribute(type);
    }

    /**
     * Puts a layer over the connection while the handler runs, as with STARTTLS. For base classes of handlers; {@link
     * Deadline#HANDSHAKE} bounds it. If it fails, the connection is closed.
     *
     * <p>Must be called by the handler's thread, while no other thread reads or writes. The caller must hold no bytes
     * that were read but not handled: a client, or somebody between it and the server, could have sent them before the
     * layer to have them handled after it (CVE-2011-0411).
     *
     * @param layer the layer
     * @throws DeadlineException if the time is over
     * @throws DisconnectedException if the peer has disconnected, or the request was ended
     * @throws IOException if the layer fails
     */
    public void layer(Layer layer) throws IOException {
        Objects.requireNonNull(layer, "layer");
        beginHandshake();
        boolean done = false;
        try {
            put(layer);
            done = true;
        } finally {
            endHandshake();
            if (!done) {
                close();
            }
        }
    }

    /**
     * Returns whether there is a layer over the connection, which may have to write before the connection ends.
     *
     * @return true if there is one
     */
    public boolean hasLayers() {
        return layers > 0;
    }

    @Override
    void beginHandshake() {
        timer.handshakeBegins();
    }

    @Override
    void put(Layer layer) throws IOException {
        try {
            requireOpen();
            connection = Objects.requireNonNull(layer.over(connection), "a layer has returned null");
            layers = layers + 1;
            requireOpen();
        } catch (IOException failure) {
            if (closed.get()) {
                // Closed by a deadline or a stop, perhaps before the new connection was stored.
                LingeringClose.closeNow(connection);
                throw explain(new ClosedChannelException());
            }
            layerFailed = true;
            throw failure;
        }
    }

    @Override
    int layers() {
        return layers;
    }

    @Override
    void endHandshake() {
        timer.handshakeEnds();
        if (closed.get()) {
            timer.connectionClosed();
        }
    }

    @Override
    public void buffered(long bytes) throws IOException {
        if (bytes < 0) {
            throw new IllegalArgumentException("the buffered bytes are " + bytes + "; they must be 0 or more");
        }
        long more = bytes - held;
        if (more > 0 && closed.get()) {
            throw explain(new ClosedChannelException());
        }
        if (more > 0 && !ClientMemory.take(more) && !ClientMemory.takeFromOthers(this, more)) {
            evict();
            throw explain(new ClosedChannelException());
        }
        if (hold(bytes)) {
            if (more < 0) {
                ClientMemory.release(-more);
            }
        } else if (more > 0) {
            ClientMemory.release(more);
            throw explain(new ClosedChannelException());
        }
    }

    /** Sets how much this request holds. Returns false if it has ended. */
    private synchronized boolean hold(long bytes) {
        if (forgotten) {
            return false;
        }
        long before = held;
        // First, so that it is released even if there is no memory for the rest.
        held = bytes;
        if (bytes == 0) {
            ClientMemory.remove(this);
        } else if (before == 0) {
            ClientMemory.add(this);
        }
        return true;
    }

    @Override
    void forget() {
        long released;
        synchronized (this) {
            released = held;
            held = 0;
            forgotten = true;
        }
        if (released > 0) {
            ClientMemory.remove(this);
            ClientMemory.release(released);
        }
    }

    /** Returns the bytes that count for this request. */
    long held() {
        return held;
    }

    /** Returns the start time of the current read or write; 0 or less if no thread waits for the client. */
    long waitingSince() {
        return Math.max(reads.since(), writes.since());
    }

    /** Ends this connection to free what it holds, unless it was ended before. */
    void evict() {
        Exchange<?> served = exchange();
        if (served != null) {
            served.evict();
        }
    }

    /** Returns whether this connection was ended to free what it holds. */
    boolean isEvicted() {
        Exchange<?> served = exchange();
        return served != null && served.ending() instanceof Ending.Evicted;
    }

    @Override
    void endOutput() throws IOException {
        shutdownOutput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (detached) {
            return;
        }
        if (!hasLayers()) {
            connection.shutdownOutput();
        } else {
            endOutputOfLayers();
        }
        outputEnded = true;
    }

    /** Ends the output within the deadline of a write, because a layer may have to write. */
    private void endOutputOfLayers() throws IOException {
        timer.outputEndBegins();
        try {
            connection.shutdownOutput();
        } catch (IOException failure) {
            throw explain(failure);
        } finally {
            timer.outputEndIsSent();
        }
    }

    @Override
    RequestTimer timer(ServerOptions options) {
        return timer;
    }

    @Override
    Optional<SocketChannel> channel() {
        return connection.channel();
    }

    @Override
    void detach() throws IOException {
        detached = true;
        if (closed.compareAndSet(false, true)) {
            timer.connectionClosed();
            connection.detach();
        }
    }

    /**
     * Ends the input if a read has waited for some milliseconds. A read that has just begun, or begins later,
     * continues, because a request may have arrived and be unread. If that read waits, one of the next calls ends it.
     */
    @Override
    void drain(@Nullable Deadline why) {
        draining = true;
        old |= why == Deadline.AGE;
        long read = reads.since();
        long now = System.nanoTime();
        if (read != drainedRead) {
            drainedAt = now;
            drainedSightings = 0;
            drainedRead = read;
        } else if (read != 0
                && !unanswered
                && ++drainedSightings >= IDLE_SIGHTINGS
                && now - drainedAt >= IDLE_NANOS
                && (why != null || reads.bytes() > 0 || timer.openFor(now) >= FIRST_BYTE_NANOS)) {
            endRead(read, why);
        }
    }

    /**
     * Wakes a waiting read, with a {@link DeadlineException} if a deadline is given, otherwise with the end of input.
     */
    @Override
    void endRead(long since, @Nullable Deadline why) {
        // If since is below 0, the read was ended before. It is woken again in case that failed.
        if (since < 0 || reads.end(since, why)) {
            try {
                connection.shutdownInput();
            } catch (IOException lost) {
                LingeringClose.closeNow(connection);
            } catch (RuntimeException mistake) {
                // From a user's connection. The read must wake all the same.
                LingeringClose.closeNow(connection);
                throw mistake;
            }
        }
    }

    @Override
    void endWrite(long since) {
        DeadlineException over = timer.exception(Deadline.WRITE);
        if (writes.end(since, Deadline.WRITE)) {
            expire(over);
        }
    }

    @Override
    void expire(DeadlineException reason) {
        expiry.compareAndSet(null, reason);
        close();
    }

    @Override
    @Nullable
    DeadlineException timedOut() {
        return inputDeadline != null ? inputDeadline : expiry.get();
    }

    @Override
    void reject(byte[] answer) {
        try {
            if (!connection.nonBlocking()) {
                return;
            }
            if (answer.length > 0) {
                writes.transferred(connection.write(ByteBuffer.wrap(answer)));
                answeredRejection = true;
            } else {
                // Unread bytes would make the close a reset. What arrives later is not waited for.
                LingeringClose.skipUnread(connection);
                lingers = false;
            }
        } catch (IOException gone) {
            // The peer is gone.
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            timer.connectionClosed();
            // If a thread reads or writes, the connection is closed at once to wake it.
            if (outputEnded && lingers && !isInUse()) {
                LingeringClose.INSTANCE.close(connection, server, answeredRejection, writes.bytes() > 0 || layerFailed);
            } else {
                LingeringClose.closeNow(connection);
            }
        }
    }

    /** Prevents reads and writes after the close, while the connection may linger. */
    private void requireOpen() throws ClosedChannelException {
        if (closed.get()) {
            throw new ClosedChannelException();
        }
    }

    private String peer() {
        return AddressText.of(clientAddress());
    }

    /** Returns the exception for a failed read or write: a deadline, a close on this side, or a disconnect. */
    private IOException explain(IOException failure) {
        DeadlineException reason = expiry.get();
        if (reason != null) {
            return reason;
        }
        if (failure instanceof DisconnectedException) {
            // It already has the address.
            return failure;
        }
        if (failure instanceof ClosedChannelException) {
            return closed.get() && !(failure instanceof ClosedByInterruptException)
                    ? new DisconnectedException("the connection of " + peer() + " was closed on this side", failure)
                    : failure;
        }
        return new DisconnectedException(peer() + " disconnected: " + failure.getMessage(), failure);
    }

    private final class Input extends InputStream {
        private ByteBuffer view = NOTHING;
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
                Deadline why = inputOver;
                if (why != null) {
                    DeadlineException over = timer.exception(why);
                    if (inputDeadline == null) {
                        inputDeadline = over;
                    }
                    throw over;
                }
                ended = true;
            }
            return count;
        }

        private int await() throws IOException {
            int count = -1;
            IOException failed = null;
            boolean inTime = false;
            long since = reads.begin();
            try {
                if (mayRead()) {
                    // Called here and not deeper, because every stack frame below a wait uses memory for each idle
                    // connection.
                    count = connection.read(view);
                    checkReceived(count);
                }
            } catch (IOException failure) {
                failed = failure;
            } finally {
                inTime = reads.finish(since);
            }
            if (!inTime) {
                // Bytes that arrived at that moment are dropped: a part of a request would be worse than nothing.
                inputOver = reads.endedBy();
                return -1;
            }
            if (failed != null) {
                throw explain(failed);
            }
            if (count > 0) {
                reads.transferred(count);
                unanswered = true;
            }
            return count;
        }

        private boolean mayRead() throws IOException {
            requireOpen();
            if (inputOver != null) {
                return false;
            }
            if (lastAnswered && !unanswered) {
                inputOver = old ? Deadline.AGE : null;
                return false;
            }
            return true;
        }

        private void checkReceived(int count) throws IOException {
            if (count == 0) {
                throw new DisconnectedException(peer() + " was rejected, so no more input is awaited", null);
            }
            if (count < 0) {
                lingers = false;
            }
        }
    }

    private final class Output extends OutputStream {
        /** Set by writes and cleared by the next read. A stale value only adds or saves one yield. */
        private boolean wroteLast;

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            // Not kept: a client that is idle after a long answer would hold its bytes.
            ByteBuffer view = ByteBuffer.wrap(source, offset, 0);
            int end = offset + length;
            while (view.position() < end) {
                if (!view.hasRemaining()) {
                    view.limit(Math.min(end, view.position() + WRITE_CHUNK));
                }
                writes.transferred(await(view));
            }
            // A greeting does not count: the client may already have sent a request.
            if (draining && unanswered) {
                lastAnswered = true;
            }
            unanswered = false;
            wroteLast = true;
        }

        private int await(ByteBuffer view) throws IOException {
            int count = 0;
            IOException failed = null;
            boolean inTime = false;
            long since = writes.begin();
            try {
                requireOpen();
                count = connection.write(view);
            } catch (IOException failure) {
                failed = failure;
            } finally {
                inTime = writes.finish(since);
            }
            if (!inTime) {
                // The thread that ended the write closes the connection next, but this thread may be faster.
                expire(timer.exception(Deadline.WRITE));
                failed = new ClosedChannelException();
            }
            if (failed != null) {
                throw explain(failed);
            }
            if (count == 0) {
                // Only for a hook that writes to a rejected, non-blocking connection more than fits.
                throw new DisconnectedException(peer() + " was rejected, and its connection is full", null);
            }
            return count;
        }
    }
}
