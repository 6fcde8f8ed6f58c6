package org.socketserver.api.server;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.spi.Layer;

/**
 * The base class of servers for packets: UDP and Unix datagram sockets.
 *
 * <p>A transport supplies a bound {@link DatagramChannel}. Each request owns a copy of its packet's exact bytes.
 * Replies are sent from the server's own socket, by any thread.
 *
 * <p><b>Forged senders.</b> The sender of a UDP packet can be forged. A packet from port 0 is dropped because nothing
 * can be sent there, and a packet from the server's own address because the reply would be the next request: a server
 * that answers every packet would talk to itself forever. On a wildcard address, every address of this host with the
 * server's port is the server's own. Dropped packets are counted in {@link
 * org.socketserver.api.ServerStats#unanswerable()} and logged at debug level.
 *
 * <p>A forged sender can still make two servers answer each other forever if both answer every packet, as echo servers
 * do: each looks like an ordinary client to the other. A protocol prevents this if it distinguishes requests from
 * replies and answers only requests.
 */
public abstract class DatagramServer extends ChannelServer<DatagramRequest, DatagramChannel> {
    /** The first pause before a packet is offered again to a full queue; doubled up to the longest pause. */
    private static final long FIRST_PAUSE = TimeUnit.MICROSECONDS.toNanos(50);

    private static final long MAX_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    private final PacketRequest.Sender replies = new Replies();

    /** One byte longer than the longest packet, to distinguish a packet that fits from a truncated one. */
    private @Nullable ByteBuffer buffer;

    private @Nullable SenderFilter senders;

    /**
     * Creates a server that is not bound.
     *
     * @param address the address to serve on
     * @param handlers the source of handlers
     * @param options the options
     */
    protected DatagramServer(SocketAddress address, HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        super(address, handlers, options, SelectionKey.OP_READ);
    }

    /**
     * Not supported, because layers are for connections.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public final void layer(Layer layer) {
        Objects.requireNonNull(layer, "layer");
        throw new UnsupportedOperationException("layers are for connections; " + name() + " serves packets");
    }

    /**
     * Returns the maximum length of a packet to a receiver.
     *
     * @param target the receiver's address
     * @return the maximum in bytes
     */
    protected abstract int maxPacketSize(SocketAddress target);

    /**
     * Receives one packet, without waiting. Runs on the accept loop.
     *
     * @param bound the channel
     * @param target the buffer for the bytes
     * @return the sender's address; null if no packet was there
     * @throws IOException if receiving fails
     */
    protected @Nullable SocketAddress receive(DatagramChannel bound, ByteBuffer target) throws IOException {
        return bound.receive(target);
    }

    /**
     * Offers one packet to the kernel, without waiting. Called by any thread.
     *
     * @param bound the channel
     * @param source the bytes, at least one
     * @param target the receiver's address
     * @return false if a queue was full and nothing was sent
     * @throws IOException if the packet can't be sent; {@link org.socketserver.api.DisconnectedException} if the
     *     receiver is gone
     */
    protected boolean offer(DatagramChannel bound, ByteBuffer source, SocketAddress target) throws IOException {
        return bound.send(source, target) > 0;
    }

    /**
     * Sends an empty packet, for which {@link #offer} can't distinguish success from a full queue. Called by any
     * thread.
     *
     * @param bound the channel
     * @param target the receiver's address
     * @throws IOException if the packet can't be sent
     */
    protected void sendEmpty(DatagramChannel bound, SocketAddress target) throws IOException {
        bound.send(ByteBuffer.allocate(0), target);
    }

    /**
     * Sends one packet from the server's socket. May be called by any thread while the server is bound.
     *
     * @param bytes the bytes to send, from position to limit; consumed
     * @param target the receiver's address
     * @throws DatagramTooLongException if there are more bytes than a packet can hold; nothing is sent
     * @throws org.socketserver.api.DisconnectedException if the receiver is gone, where the transport detects this
     * @throws DeadlineException if a queue stays full for {@link Deadline#WRITE}
     * @throws IOException if the packet can't be sent for another reason
     * @throws IllegalStateException if the server is not bound
     */
    public final void send(ByteBuffer bytes, SocketAddress target) throws IOException {
        Objects.requireNonNull(bytes, "bytes");
        Objects.requireNonNull(target, "target");
        DatagramChannel bound = channel();
        if (bound == null) {
            throw new IllegalStateException(name() + " is not bound");
        }
        int limit = maxPacketSize(target);
        if (bytes.remaining() > limit) {
            throw new DatagramTooLongException(bytes.remaining(), limit);
        }
        if (!bytes.hasRemaining()) {
            sendEmpty(bound, target);
            return;
        }
        if (!offer(bound, bytes, target)) {
            sendLater(bound, bytes, target);
        }
    }

    private void sendLater(DatagramChannel bound, ByteBuffer bytes, SocketAddress target) throws IOException {
        long timeout = Checks.nanos(options().deadline(Deadline.WRITE));
        long began = System.nanoTime();
        for (long pause = FIRST_PAUSE; !offer(bound, bytes, target); pause = Math.min(MAX_PAUSE, pause * 2)) {
            if (timeout > 0 && System.nanoTime() - began >= timeout) {
                throw new DeadlineException(
                        Deadline.WRITE,
                        "the queue to " + AddressText.of(target) + " was full for "
                                + options().deadline(Deadline.WRITE).toMillis() + " ms");
            }
            LockSupport.parkNanos(pause);
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException(
                        "interrupted while the queue to " + AddressText.of(target) + " was full");
            }
        }
    }

    @Override
    void setBufferSizes(DatagramChannel unbound) throws IOException {
        super.setBufferSizes(unbound);
        if (options().sendBufferSize() > 0) {
            unbound.setOption(StandardSocketOptions.SO_SNDBUF, options().sendBufferSize());
        }
    }

    @Override
    protected SocketAddress serverBind() throws IOException {
        SocketAddress bound = super.serverBind();
        buffer = ByteBuffer.allocateDirect(options().maxDatagramSize() + 1);
        senders = new SenderFilter(bound);
        return bound;
    }

    @Override
    protected @Nullable DatagramRequest getRequest() throws IOException {
        DatagramChannel bound = channel();
        ByteBuffer packet = buffer;
        SenderFilter filter = senders;
        if (bound == null || packet == null || filter == null) {
            return null;
        }
        packet.clear();
        SocketAddress sender = receive(bound, packet);
        if (sender == null) {
            return null;
        }
        if (!filter.canAnswer(sender)) {
            telemetry().datagramUnanswerable(sender);
            return null;
        }
        packet.flip();
        int limit = options().maxDatagramSize();
        boolean truncated = packet.remaining() > limit;
        if (truncated) {
            boolean deliver = options().deliverTruncated();
            telemetry().datagramTruncated(sender, limit, deliver);
            if (!deliver) {
                return null;
            }
            packet.limit(limit);
        }
        if (!ClientMemory.hasRoom(packet.remaining())) {
            telemetry().datagramOverBudget(sender);
            return null;
        }
        byte[] data = new byte[packet.remaining()];
        packet.get(data);
        return new PacketRequest(data, truncated, sender, this, maxPacketSize(sender), replies);
    }

    /** Sends replies from the server's own socket. */
    private final class Replies implements PacketRequest.Sender {
        @Override
        public void send(ByteBuffer bytes, SocketAddress target) throws IOException {
            DatagramServer.this.send(bytes, target);
        }

        @Override
        public boolean offer(ByteBuffer bytes, SocketAddress target) throws IOException {
            DatagramChannel bound = channel();
            return bound != null
                    && bytes.remaining() <= maxPacketSize(target)
                    && DatagramServer.this.offer(bound, bytes, target);
        }
    }
}
