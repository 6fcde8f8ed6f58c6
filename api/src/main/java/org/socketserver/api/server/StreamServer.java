package org.socketserver.api.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
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
 * The base class of servers for connections: TCP and Unix stream sockets.
 *
 * <p>A transport opens and binds a {@link ServerSocketChannel} and creates a {@link Connection} for each accepted
 * channel.
 */
public abstract class StreamServer extends ChannelServer<StreamRequest, ServerSocketChannel> {
    private final ReserveDescriptor reserve = new ReserveDescriptor();

    /**
     * Creates a server that is not bound.
     *
     * @param address the address to serve on
     * @param handlers the source of handlers
     * @param options the options
     */
    protected StreamServer(SocketAddress address, HandlerSource<StreamRequest> handlers, ServerOptions options) {
        super(address, handlers, options, SelectionKey.OP_ACCEPT);
    }

    /**
     * Sets the options of an accepted channel, except its buffer sizes, and creates its connection. Runs on the accept
     * loop, inside {@link DescriptorLock#shared}.
     *
     * @param accepted the channel, in blocking mode; closed by this class if this method throws
     * @return the connection
     * @throws IOException if the peer is gone already
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
            if (options().sendBufferSize() > 0) {
                accepted.setOption(StandardSocketOptions.SO_SNDBUF, options().sendBufferSize());
            }
            StreamRequest request = new ConnectionRequest(newConnection(accepted), this);
            taken = true;
            return request;
        } catch (IOException gone) {
            throw new DisconnectedException(
                    "a peer disconnected before its connection was set up: " + gone.getMessage(), gone);
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
            // One lock for all steps. Otherwise the start of a worker could take the descriptor in between.
            return DescriptorLock.shared(() -> {
                        StreamRequest request = reserve.release() ? accept() : null;
                        if (request == null) {
                            reserve.refill();
                        }
                        return Optional.ofNullable(request);
                    })
                    .orElse(null);
        } catch (IOException failure) {
            // Another thread has taken the descriptor, or the peer is gone.
            return null;
        }
    }

    @Override
    void refillReserve() throws IOException {
        reserve.refill();
    }

    /**
     * A descriptor in reserve for when the process has no other left. Releasing it lets one more connection be accepted
     * and closed at once, so that its client sees a disconnect instead of a hang. May be used by any thread.
     */
    static final class ReserveDescriptor {
        private @Nullable SocketChannel spare;
        private boolean kept;

        /** Starts to keep a descriptor. If none is free, the next {@link #refill} tries again. */
        void open() {
            synchronized (this) {
                kept = true;
            }
            try {
                refill();
            } catch (IOException noneFree) {
                // Accepting fails too, and logs it.
            }
        }

        /** Releases the descriptor and keeps none any more. */
        synchronized void close() {
            kept = false;
            release();
        }

        /**
         * Takes a descriptor, unless there is one already.
         *
         * @throws IOException if no descriptor is free
         */
        void refill() throws IOException {
            // Always in this order: the descriptor lock, then the monitor.
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
