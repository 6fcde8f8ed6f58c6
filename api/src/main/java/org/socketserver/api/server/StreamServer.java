package org.socketserver.api.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.DescriptorLock;

/**
 * The server kind for connections: all that TCP and Unix stream sockets share.
 *
 * <p>A transport brings a bound {@link ServerSocketChannel} and makes a {@link Connection} of each accepted channel.
 */
public abstract class StreamServer extends ChannelServer<StreamRequest, ServerSocketChannel> {
    private final ReserveDescriptor reserve = new ReserveDescriptor();

    /**
     * Makes a server that is not bound yet.
     *
     * @param address where to serve
     * @param handlers where handlers come from
     * @param options the options
     */
    protected StreamServer(SocketAddress address, HandlerSource<StreamRequest> handlers, ServerOptions options) {
        super(address, handlers, options, SelectionKey.OP_ACCEPT);
    }

    /**
     * Sets the options of an accepted channel and makes a connection of it. Runs on the accept loop, inside of {@link
     * DescriptorLock#shared}.
     *
     * @param accepted the channel, blocking; closed by this class when this throws
     * @return the connection
     * @throws IOException if the peer has gone already
     */
    protected abstract Connection newConnection(SocketChannel accepted) throws IOException;

    @Override
    protected @Nullable StreamRequest getRequest() throws IOException {
        return accept();
    }

    private @Nullable StreamRequest accept() throws IOException {
        ServerSocketChannel opened = channel();
        return opened == null
                ? null
                : DescriptorLock.shared(() -> Optional.ofNullable(acceptFrom(opened)))
                        .orElse(null);
    }

    private @Nullable StreamRequest acceptFrom(ServerSocketChannel opened) throws IOException {
        SocketChannel accepted = opened.accept();
        if (accepted == null) {
            return null;
        }
        boolean taken = false;
        try {
            StreamRequest request = new ConnectionRequest(newConnection(accepted), this);
            taken = true;
            return request;
        } catch (IOException gone) {
            throw new DisconnectedException(
                    "a peer had gone before its connection was set up: " + gone.getMessage(), gone);
        } finally {
            if (!taken) {
                accepted.close();
            }
        }
    }

    @Override
    protected SocketAddress serverBind() throws IOException {
        SocketAddress bound = super.serverBind();
        reserve.open();
        return bound;
    }

    @Override
    protected void serverClose() throws IOException {
        reserve.close();
        super.serverClose();
    }

    @Override
    @Nullable
    StreamRequest getRequestFromReserve() {
        try {
            // One lock for all steps: in between, a worker start would take the descriptor.
            return DescriptorLock.shared(() -> {
                        StreamRequest request = reserve.release() ? accept() : null;
                        if (request == null) {
                            reserve.refill();
                        }
                        return Optional.ofNullable(request);
                    })
                    .orElse(null);
        } catch (IOException failure) {
            // Another thread was faster and has the descriptor now, or the peer is gone.
            return null;
        }
    }

    @Override
    void refillReserve() throws IOException {
        reserve.refill();
    }

    /**
     * One descriptor kept for the moment when the process has no other left: given up, it lets one more connection be
     * accepted, which is closed at once, so that its peer sees the end and not a hang. May be called by any thread.
     */
    static final class ReserveDescriptor {
        private @Nullable SocketChannel spare;
        private boolean kept;

        /** Starts to keep one; if none is free, the next {@link #refill} tries again. */
        void open() {
            synchronized (this) {
                kept = true;
            }
            try {
                refill();
            } catch (IOException noneFree) {
                // Accepting fails too, and says so.
            }
        }

        /** Keeps none any more. */
        synchronized void close() {
            kept = false;
            release();
        }

        /**
         * Takes a descriptor; does nothing if there is one already.
         *
         * @throws IOException if no descriptor is free
         */
        void refill() throws IOException {
            // This lock before the monitor, as everywhere.
            DescriptorLock.shared(this::openIfMissing);
        }

        private synchronized boolean openIfMissing() throws IOException {
            if (kept && spare == null) {
                spare = SocketChannel.open();
            }
            return spare != null;
        }

        /** Releases the descriptor. Returns false if there was none. */
        synchronized boolean release() {
            SocketChannel given = spare;
            spare = null;
            if (given == null) {
                return false;
            }
            try {
                given.close();
            } catch (IOException released) {
                // The descriptor is released even when close reports an error (close(2), Linux).
            }
            return true;
        }
    }
}
