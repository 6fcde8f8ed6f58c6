package org.socketserver.api.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Server;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;

/** The datagram request of every transport: the bytes, the sender, and the replies. */
public final class PacketRequest extends ServerRequest implements DatagramRequest {
    /** Sends replies; implemented by the transport. Called by any thread. */
    @FunctionalInterface
    public interface Sender {
        /**
         * Sends one packet.
         *
         * @param bytes the bytes to send; consumed
         * @param target the receiver's address
         * @throws IOException as for {@link DatagramRequest#reply(ByteBuffer)}
         */
        void send(ByteBuffer bytes, SocketAddress target) throws IOException;

        /**
         * Offers one packet without waiting. Drops it unless overridden.
         *
         * @param bytes the bytes to send; consumed
         * @param target the receiver's address
         * @return true if the kernel accepted the packet, false if it was dropped
         * @throws IOException if the packet can't be sent
         */
        default boolean offer(ByteBuffer bytes, SocketAddress target) throws IOException {
            return false;
        }
    }

    private static final AtomicLongFieldUpdater<PacketRequest> BYTES_OUT =
            AtomicLongFieldUpdater.newUpdater(PacketRequest.class, "bytesOut");

    private static final AtomicIntegerFieldUpdater<PacketRequest> COUNTED =
            AtomicIntegerFieldUpdater.newUpdater(PacketRequest.class, "counted");

    private static final byte[] NONE = {};

    /**
     * The messages of failures to send that the target address causes. The JDK reports many causes only as the text of
     * {@code strerror(3)}.
     */
    private static final List<String> ADDRESS_FAILURES = List.of(
            "can't send to port 0", // a message of the JDK itself
            "invalid argument", // EINVAL: port 0, or an address that is not reachable from the bound one
            "network is unreachable", // ENETUNREACH
            "network is down", // ENETDOWN
            "host is down", // EHOSTDOWN
            "no such device", // ENODEV: the interface of a scoped address is gone
            "operation not permitted", // EPERM: blocked by a packet filter
            "requested address"); // EADDRNOTAVAIL; macOS reports it for port 0

    private final byte[] data;
    private final boolean truncated;
    private final SocketAddress sender;
    private final Server server;
    private final int maxReplySize;
    private final Sender replies;
    private @Nullable InputStream input;
    private @Nullable Output output;
    private volatile long bytesOut;
    /** Why no reply may be sent any more; null if replies may be sent. */
    private volatile @Nullable DeadlineException expiry;

    private volatile boolean sending;

    /** The bytes that count for {@link ClientMemory}. */
    @SuppressWarnings("unused") // Used through its updater.
    private volatile int counted;

    /**
     * Creates the request of a received packet.
     *
     * @param data the exact bytes; owned by the request from now on
     * @param truncated true if the packet was longer than {@code data}
     * @param sender the sender's address
     * @param server the server that received the packet
     * @param maxReplySize maximum length of a reply in bytes
     * @param replies sends the replies
     */
    public PacketRequest(
            byte[] data, boolean truncated, SocketAddress sender, Server server, int maxReplySize, Sender replies) {
        this.data = Objects.requireNonNull(data, "data");
        this.truncated = truncated;
        this.sender = Objects.requireNonNull(sender, "sender");
        this.server = Objects.requireNonNull(server, "server");
        this.maxReplySize = maxReplySize;
        this.replies = Objects.requireNonNull(replies, "replies");
    }

    @Override
    public byte[] data() {
        return data;
    }

    @Override
    public boolean isTruncated() {
        return truncated;
    }

    @Override
    public int maxReplySize() {
        return maxReplySize;
    }

    @Override
    public SocketAddress clientAddress() {
        return sender;
    }

    @Override
    public SocketAddress serverAddress() {
        return server.address();
    }

    @Override
    public Server server() {
        return server;
    }

    @Override
    public InputStream input() {
        InputStream current = input;
        if (current == null) {
            current = new ByteArrayInputStream(data);
            input = current;
        }
        return current;
    }

    @Override
    public OutputStream output() {
        Output current = output;
        if (current == null) {
            current = new Output();
            output = current;
        }
        return current;
    }

    @Override
    public long bytesIn() {
        return data.length;
    }

    @Override
    public long bytesOut() {
        return bytesOut;
    }

    @Override
    public void reply(ByteBuffer bytes) throws IOException {
        int size = bytes.remaining();
        if (size > maxReplySize) {
            throw new DatagramTooLongException(size, maxReplySize);
        }
        DeadlineException reason = expiry;
        if (reason != null) {
            throw reason;
        }
        sending = true;
        try {
            replies.send(bytes, sender);
        } catch (SocketException | UnresolvedAddressException failure) {
            throw explain(failure);
        } finally {
            sending = false;
        }
        BYTES_OUT.addAndGet(this, size);
    }

    /** Returns a {@link DisconnectedException} if the client's address is the cause, otherwise the failure itself. */
    private IOException explain(Exception failure) {
        if (failure instanceof IOException other && !isOfTheAddress(other)) {
            return other;
        }
        String reason = failure.getMessage() == null ? "the address is unresolved" : failure.getMessage();
        return new DisconnectedException(AddressText.of(sender) + " can't be reached: " + reason, failure);
    }

    private static boolean isOfTheAddress(IOException failure) {
        if (failure instanceof BindException // EACCES: a broadcast address
                || failure instanceof NoRouteToHostException // EHOSTUNREACH
                || failure instanceof ConnectException // ECONNREFUSED
                || failure instanceof PortUnreachableException) {
            return true;
        }
        String words = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return ADDRESS_FAILURES.stream().anyMatch(words::contains);
    }

    @Override
    @Nullable
    RequestTimer timer(ServerOptions options) {
        return options.deadline(Deadline.REQUEST).isZero()
                        && options.stuckAfter().isZero()
                ? null
                : new RequestTimer(this, IoWait.NEVER, IoWait.NEVER, options);
    }

    @Override
    int unsent() {
        Output written = output;
        return written == null ? 0 : written.count;
    }

    /** Sends what was written to {@link #output()} as one packet, if anything was. */
    @Override
    public void complete() throws IOException {
        if (unsent() > 0) {
            reply(takeReply());
        }
    }

    /**
     * Takes what was written to {@link #output()}, for a mix-in that sends it from another process.
     *
     * @return the bytes of the reply, from position to limit; empty if nothing was written
     */
    public ByteBuffer takeReply() {
        Output written = output;
        return written == null ? ByteBuffer.wrap(NONE) : written.take();
    }

    @Override
    public boolean isWaiting() {
        return sending;
    }

    @Override
    void reject(byte[] answer) {
        try {
            if (answer.length > 0 && replies.offer(ByteBuffer.wrap(answer), sender)) {
                BYTES_OUT.addAndGet(this, answer.length);
            }
        } catch (IOException | UnresolvedAddressException gone) {
            // The peer is gone.
        }
    }

    /** Later replies are not sent. */
    @Override
    void expire(DeadlineException reason) {
        expiry = reason;
    }

    @Override
    void count() {
        if (data.length > ClientMemory.SMALL && COUNTED.compareAndSet(this, 0, data.length)) {
            ClientMemory.takeDatagram(data.length);
        }
    }

    @Override
    void forget() {
        if (data.length > ClientMemory.SMALL && COUNTED.compareAndSet(this, data.length, 0)) {
            ClientMemory.releaseDatagram(data.length);
        }
    }

    /** Does nothing: a packet holds nothing that must be released. */
    @Override
    public void close() {}

    /** Collects the reply, and rejects bytes that do not fit. */
    private final class Output extends OutputStream {
        private byte[] collected = NONE;
        private int count;

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            if (length > maxReplySize - count) {
                throw new DatagramTooLongException(count + length, maxReplySize);
            }
            if (count == 0) {
                // Usually the only write.
                collected = Arrays.copyOfRange(source, offset, offset + length);
            } else {
                if (length > collected.length - count) {
                    collected = Arrays.copyOf(collected, Math.max(count + length, 2 * count));
                }
                System.arraycopy(source, offset, collected, count, length);
            }
            count += length;
        }

        private ByteBuffer take() {
            ByteBuffer bytes = ByteBuffer.wrap(collected, 0, count);
            collected = NONE;
            count = 0;
            return bytes;
        }
    }
}
