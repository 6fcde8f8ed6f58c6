package org.socketserver.api;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The datagram request of every transport: the bytes, the sender, and a way to send packets back. */
public final class PacketRequest implements DatagramRequest {
    /** Sends one packet; the transport's side of a reply. Called by any thread. */
    @FunctionalInterface
    public interface Sender {
        /**
         * Sends one packet.
         *
         * @param bytes what to send; consumed
         * @param target whom to
         * @throws IOException as {@link DatagramRequest#reply(ByteBuffer)}
         */
        void send(ByteBuffer bytes, SocketAddress target) throws IOException;

        /**
         * Offers one packet without waiting. Drops it unless overridden.
         *
         * @param bytes what to send; consumed
         * @param target whom to
         * @return true if the kernel took it, false if it was dropped
         * @throws IOException if it can't be sent
         */
        default boolean offer(ByteBuffer bytes, SocketAddress target) throws IOException {
            return false;
        }
    }

    private final byte[] data;
    private final boolean truncated;
    private final SocketAddress sender;
    private final Server server;
    private final int maxReplySize;
    private final Sender replies;
    private final ByteArrayInputStream input;
    private final Output output = new Output();
    private final AtomicLong bytesOut = new AtomicLong();
    /** Why nothing shall be sent any more; null while it may. */
    private volatile @Nullable DeadlineException expiry;

    private volatile boolean sending;

    /**
     * Makes a request of a received packet.
     *
     * @param data the exact bytes; owned by the request from now on
     * @param truncated true if the packet was longer than {@code data}
     * @param sender who sent it
     * @param server the server that received it
     * @param maxReplySize bytes that one reply may have
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
        this.input = new ByteArrayInputStream(data);
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
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public long bytesIn() {
        return data.length;
    }

    @Override
    public long bytesOut() {
        return bytesOut.get();
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
        } finally {
            sending = false;
        }
        bytesOut.addAndGet(size);
    }

    /** Sends what was written to {@link #output()} as one packet, if anything was. */
    @Override
    public void complete() throws IOException {
        byte[] collected = output.take();
        if (collected.length > 0) {
            reply(ByteBuffer.wrap(collected));
        }
    }

    @Override
    public boolean isWaiting() {
        return sending;
    }

    @Override
    public void refuse(byte[] answer) {
        try {
            if (answer.length > 0 && replies.offer(ByteBuffer.wrap(answer), sender)) {
                bytesOut.addAndGet(answer.length);
            }
        } catch (IOException gone) {
            // Nobody is left to be told.
        }
    }

    /** Replies that come from now on are not sent. */
    @Override
    public void expire(DeadlineException reason) {
        expiry = reason;
    }

    /** Does nothing: a packet is never idle. */
    @Override
    public void drain() {}

    /** Does nothing: a packet holds nothing that must be released. */
    @Override
    public void close() {}

    /** Collects the one reply; refuses the byte that would not fit any more. */
    private final class Output extends OutputStream {
        private final ByteArrayOutputStream collected = new ByteArrayOutputStream(0);

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            if (length > maxReplySize - collected.size()) {
                throw new DatagramTooLongException(collected.size() + length, maxReplySize);
            }
            collected.write(source, offset, length);
        }

        private byte[] take() {
            byte[] bytes = collected.toByteArray();
            collected.reset();
            return bytes;
        }
    }
}
