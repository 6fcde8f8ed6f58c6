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
import org.socketserver.api.spi.RemoteHandling;

/**
 * The stream request of every transport: a {@link Connection} with deadlines, counters, the idle rule of a stop, and a
 * clean close.
 *
 * <p><b>The yield.</b> On a virtual thread, the first read after a write yields once. The bytes that answer what was
 * just written have not come yet, so that read would park: an {@code epoll_ctl}, a park and a wake-up. After the yield
 * the peers have run, and the read mostly finds its bytes.
 *
 * <p><b>The clean close.</b> A connection that is closed while bytes of the peer are unread ends with a reset (RFC
 * 1122, 4.2.2.13), which may cost the peer the last answer. So once the output was ended in good order, what the peer
 * still sends is read and dropped for a short time before the connection is released: see {@link LingeringClose}.
 */
public final class ConnectionRequest extends ServerRequest implements StreamRequest {
    /** Bytes given to the connection at once; the JDK copies heap arrays to a direct buffer as large as the write. */
    private static final int WRITE_CHUNK = 128 * 1024;

    /** What is looked at before the first read or write. */
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** How long a read is seen waiting until it counts as idle: one that has just begun may find its bytes. */
    private static final long LOOKS_TAKE = TimeUnit.MILLISECONDS.toNanos(20);

    /** How often besides, since a pause of the whole JVM takes time without giving the reader any. */
    private static final int LOOKS = 2;

    private final Connection connection;
    private final Server server;
    private final IoWait reads = new IoWait();
    private final IoWait writes = new IoWait();
    private final RequestTimer timer;
    private final Input input = new Input();
    private final Output output = new Output();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Set when nothing may be read any more after what is answered next. */
    private volatile boolean draining;
    /** When the read began that waited when draining was asked for last. */
    private volatile long drainedRead;

    private volatile long drainedAt;
    private volatile int drainedLooks;
    /** True from the first byte read until something is written. */
    private volatile boolean unanswered;
    /** True once something was answered while draining: no further request is read then, even if it is there. */
    private volatile boolean lastAnswered;
    /** True once the connection has reached its age. */
    private volatile boolean old;
    /** The deadline that has ended the input; null while none has. */
    private volatile @Nullable Deadline inputOver;
    /** What the reader was told of {@link #inputOver} first. */
    private volatile @Nullable DeadlineException inputDeadline;
    /** Why the connection was closed under its handler; null while it was not, or by somebody without a reason. */
    private final AtomicReference<@Nullable DeadlineException> expiry = new AtomicReference<>();
    /** True once the output was ended in good order. */
    private volatile boolean outputEnded;
    /** False once nothing more can come, or shall be waited for when the connection is closed. */
    private volatile boolean lingers = true;
    /** Who handles the connection in another place; null while nobody does. */
    private volatile @Nullable RemoteHandling elsewhere;
    /** True once another process has the connection. */
    private volatile boolean detached;
    /** True if the peer was answered without having been read, so that it may be about to send its request. */
    private volatile boolean turnedAway;

    /**
     * Takes over a connection. The deadlines are those of the server's options.
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
        RemoteHandling remote = elsewhere;
        return remote != null ? remote.bytesIn() : reads.bytes();
    }

    @Override
    public long bytesOut() {
        RemoteHandling remote = elsewhere;
        return remote != null ? remote.bytesOut() : writes.bytes();
    }

    @Override
    public boolean isWaiting() {
        RemoteHandling remote = elsewhere;
        return remote != null ? remote.isWaiting() : isInUse();
    }

    /**
     * Returns whether a read or a write waits in this process: the handler's, or one for a handler in another process.
     */
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

    @Override
    void endOutput() throws IOException {
        shutdownOutput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (!detached) {
            connection.shutdownOutput();
            outputEnded = true;
        }
    }

    @Override
    RequestTimer timer(ServerOptions options) {
        return timer;
    }

    /** Leaves everything but writes to the timer of the other place. */
    @Override
    void delegateTo(RemoteHandling handling) {
        elsewhere = handling;
        timer.remote();
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

    /** Returns 0: every write was complete. */
    @Override
    int unsent() {
        return 0;
    }

    @Override
    void complete() {}

    /**
     * Ends the input if a read has waited for some milliseconds. One that has just begun, or has not yet, is let
     * through: what the peer has sent before may lie there, accepted and unread. If it waits after all, one of the next
     * calls ends it.
     */
    @Override
    void drain(@Nullable Deadline why) {
        draining = true;
        old |= why == Deadline.AGE;
        long read = reads.since();
        long now = System.nanoTime();
        if (read != drainedRead) {
            drainedAt = now;
            drainedLooks = 0;
            drainedRead = read;
        } else if (read != 0 && !unanswered && ++drainedLooks >= LOOKS && now - drainedAt >= LOOKS_TAKE) {
            endRead(read, why);
        }
    }

    /** Wakes a read that waits, with the exception of the deadline if one is given, otherwise with the end of input. */
    @Override
    void endRead(long since, @Nullable Deadline why) {
        // One that was ended before is woken again, in case that failed: since is below 0 then.
        if (since < 0 || reads.end(since, why)) {
            try {
                connection.shutdownInput();
            } catch (IOException lost) {
                LingeringClose.closeNow(connection);
            } catch (RuntimeException mistake) {
                // Of a user's connection; the read has to wake all the same.
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
                turnedAway = true;
            } else {
                // Read off what would make the end a reset; what comes later is not waited for.
                LingeringClose.skipUnread(connection);
                lingers = false;
            }
        } catch (IOException gone) {
            // Nobody is left to be told.
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            timer.connectionClosed();
            // While somebody reads or writes, this is no goodbye but the way to wake them.
            if (outputEnded && lingers && !isInUse()) {
                LingeringClose.INSTANCE.close(connection, server, turnedAway, writes.bytes() > 0);
            } else {
                LingeringClose.closeNow(connection);
            }
        }
    }

    /** Keeps a read or write that begins after the close away from a connection that lingers. */
    private void requireOpen() throws ClosedChannelException {
        if (closed.get()) {
            throw new ClosedChannelException();
        }
    }

    private String peer() {
        return AddressText.of(clientAddress());
    }

    /** Returns the cause of a failed read or write: our own deadline, our own close, or a disconnect. */
    private IOException explain(IOException failure) {
        DeadlineException reason = expiry.get();
        if (reason != null) {
            return reason;
        }
        if (failure instanceof DisconnectedException) {
            // Named already, here or by the connection.
            return failure;
        }
        if (failure instanceof ClosedChannelException) {
            return closed.get() && !(failure instanceof ClosedByInterruptException)
                    ? new DisconnectedException("the connection of " + peer() + " was closed on this side", failure)
                    : failure;
        }
        return new DisconnectedException(peer() + " has gone: " + failure.getMessage(), failure);
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
            boolean undisturbed = false;
            long since = reads.begin();
            try {
                if (mayRead()) {
                    // Called from here, and not further down: each call below a wait is memory of a connection that is
                    // idle.
                    count = connection.read(view);
                    checkReceived(count);
                }
            } catch (IOException failure) {
                failed = failure;
            } finally {
                undisturbed = reads.finish(since);
            }
            if (!undisturbed) {
                // What came at that very moment came too late: part of a request would be worse than none of it.
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
                throw new DisconnectedException(peer() + " is turned away and not waited for", null);
            }
            if (count < 0) {
                lingers = false;
            }
        }
    }

    private final class Output extends OutputStream {
        private ByteBuffer view = NOTHING;
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
                writes.transferred(await());
            }
            // A greeting answers nothing: what it greets may have sent its request already.
            if (draining && unanswered) {
                lastAnswered = true;
            }
            unanswered = false;
            wroteLast = true;
        }

        private int await() throws IOException {
            int count = 0;
            IOException failed = null;
            boolean undisturbed = false;
            long since = writes.begin();
            try {
                requireOpen();
                count = connection.write(view);
            } catch (IOException failure) {
                failed = failure;
            } finally {
                undisturbed = writes.finish(since);
            }
            if (!undisturbed) {
                // The thread that ended the write closes the connection next; the handler may be told first.
                expire(timer.exception(Deadline.WRITE));
                failed = new ClosedChannelException();
            }
            if (failed != null) {
                throw explain(failed);
            }
            if (count == 0) {
                // Only after a refusal, by a hook that has more to say than there is room for.
                throw new DisconnectedException(peer() + " is turned away and takes no more now", null);
            }
            return count;
        }
    }
}
