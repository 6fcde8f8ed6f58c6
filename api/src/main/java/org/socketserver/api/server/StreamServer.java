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
    private final Object reserveMonitor = new Object();

    /**
     * Keeps a descriptor for when the process has no other left. Releasing it lets one more connection be accepted and
     * closed at once, so that its client sees a disconnect instead of a hang. Guarded by the monitor, for any thread.
     */
    private @Nullable SocketChannel reserve;

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
        try {
            refillReserve();
        } catch (IOException noneFree) {
            // Accepting fails too, and logs it.
        }
        return bound;
    }

    @Override
    protected void serverClose() throws IOException {
        try {
            super.serverClose();
        } finally {
            // Afterwards, because it is refilled while the channel is open.
            releaseReserve();
        }
    }

    /**
     * Returns true unless {@link ServerOptions#reusePort()} is set. A transport that serves an inherited socket returns
     * false.
     */
    @Override
    protected boolean ownsQueue() {
        return !options().reusePort();
    }

    @Override
    @Nullable
    StreamRequest getRequestFromReserve() {
        try {
            // One lock for all steps. Otherwise the start of a worker could take the descriptor in between.
            return DescriptorLock.shared(() -> {
                        StreamRequest request = releaseReserve() ? accept() : null;
                        if (request == null) {
                            refillReserve();
                        }
                        return Optional.ofNullable(request);
                    })
                    .orElse(null);
        } catch (IOException failure) {
            // Another thread has taken the descriptor, or the peer is gone.
            return null;
        }
    }

    /** Does nothing if there is a reserve, or the server is closed. */
    @Override
    void refillReserve() throws IOException {
        // Always in this order: the descriptor lock, then the monitor.
        DescriptorLock.shared(() -> {
            synchronized (reserveMonitor) {
                ServerSocketChannel bound = channel();
                if (reserve == null && bound != null && bound.isOpen()) {
                    reserve = SocketChannel.open();
                }
                return true;
            }
        });
    }

    /** Returns false if there is no reserve. */
    private boolean releaseReserve() {
        synchronized (reserveMonitor) {
            SocketChannel released = reserve;
            reserve = null;
            if (released == null) {
                return false;
            }
            try {
                released.close();
            } catch (IOException alreadyReleased) {
                // The descriptor is released even when close reports an error (close(2), Linux).
            }
            return true;
        }
    }
}
