package org.socketserver.api.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;

/**
 * A server whose socket is a selectable channel: opens the channel, waits for it, and closes it.
 *
 * <p>The channel may be of any provider that has selectors. It is non-blocking once it is bound.
 *
 * @param <R> kind of request
 * @param <C> kind of channel
 */
public abstract class ChannelServer<R extends Request, C extends SelectableChannel & NetworkChannel>
        extends BaseServer<R> {
    private final int operation;
    private volatile @Nullable C channel;
    private volatile @Nullable Readiness readiness;

    /**
     * For {@link StreamServer} and {@link DatagramServer} only.
     *
     * @param address the address to serve on
     * @param handlers the source of handlers
     * @param options the options
     * @param operation the operation that the loop waits for, of {@link java.nio.channels.SelectionKey}
     */
    ChannelServer(SocketAddress address, HandlerSource<R> handlers, ServerOptions options, int operation) {
        super(address, handlers, options);
        this.operation = operation;
    }

    /**
     * Opens a channel that is not bound.
     *
     * @return the channel; closed by this class
     * @throws IOException if it can't be opened. The message is the reason only, because this class adds the address
     */
    protected abstract C openChannel() throws IOException;

    /**
     * Sets the options of a channel, except its buffer sizes, and binds it. A stream channel listens afterwards.
     *
     * @param unbound the channel of {@link #openChannel()}; closed by this class if this method throws
     * @throws IOException if the address can't be bound. The message is the reason only, because this class adds the
     *     address
     */
    protected abstract void bindChannel(C unbound) throws IOException;

    /**
     * Returns the address of the bound channel: its local address, unless users of the transport write it in another
     * way.
     *
     * @param bound the channel
     * @return the address as users of this transport write it
     * @throws IOException if the address is not available
     */
    protected SocketAddress boundAddress(C bound) throws IOException {
        return bound.getLocalAddress();
    }

    /**
     * Returns the channel.
     *
     * @return the channel; null before the server is bound
     */
    protected final @Nullable C channel() {
        return channel;
    }

    /**
     * Returns the value of an option of the server's socket, for example one that {@link ServerOptions} does not have.
     *
     * @param <T> type of the value
     * @param option the option
     * @return the value that the kernel uses
     * @throws IOException if the value can't be read
     * @throws IllegalStateException if the server is not bound
     */
    public final <T> T socketOption(SocketOption<T> option) throws IOException {
        Objects.requireNonNull(option, "option");
        C bound = channel;
        if (bound == null) {
            throw new IllegalStateException(name() + " is not bound");
        }
        return bound.getOption(option);
    }

    @Override
    protected SocketAddress serverBind() throws IOException {
        C opened;
        // An interrupt would close channels that are used for binding.
        boolean interrupted = Thread.interrupted();
        try {
            opened = openBound();
        } catch (IOException failure) {
            String reason = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
            BindException named = new BindException(
                    "can't serve on " + transport() + " " + AddressText.of(address()) + ": " + reason);
            named.initCause(failure);
            throw named;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        channel = opened;
        readiness = Readiness.of(opened, operation);
        Preload.start();
        return boundAddress(opened);
    }

    private C openBound() throws IOException {
        C opened = openChannel();
        boolean bound = false;
        try {
            setBufferSizes(opened);
            bindChannel(opened);
            bound = true;
            return opened;
        } finally {
            if (!bound) {
                opened.close();
            }
        }
    }

    /** Sets the sizes that the options specify. Accepted connections inherit the receive buffer's (tcp(7)). */
    void setBufferSizes(C unbound) throws IOException {
        if (options().receiveBufferSize() > 0) {
            unbound.setOption(StandardSocketOptions.SO_RCVBUF, options().receiveBufferSize());
        }
    }

    @Override
    protected void serverClose() throws IOException {
        Readiness watched = readiness;
        C opened = channel;
        try (watched;
                opened) {
            // Closes the channel first: the selector keeps its descriptor open until the key is gone.
        }
    }

    @Override
    protected boolean awaitReady(long millis) throws IOException {
        Readiness watched = readiness;
        C opened = channel;
        if (watched == null || opened == null) {
            return false;
        }
        boolean ready = watched.await(millis);
        if (!opened.isOpen()) {
            // Other code has closed the channel, which a selector does not report.
            throw new ClosedChannelException();
        }
        return ready;
    }

    @Override
    protected void wakeupTransport() {
        Readiness watched = readiness;
        if (watched != null) {
            watched.wakeup();
        }
    }

    /** Waits until the channel is ready, and can be woken. Uses a selector of the channel's provider. */
    private static final class Readiness implements Closeable {
        private final Selector selector;
        /** True from a wake-up until the wait that it ends has ended. */
        private final AtomicBoolean woken = new AtomicBoolean();

        private Readiness(Selector selector) {
            this.selector = selector;
        }

        /** Makes the channel non-blocking and registers it. Does not close the channel on failure. */
        static Readiness of(SelectableChannel channel, int operation) throws IOException {
            Selector selector = channel.provider().openSelector();
            try {
                channel.configureBlocking(false);
                channel.register(selector, operation);
            } catch (IOException | RuntimeException failure) {
                selector.close();
                throw failure;
            }
            return new Readiness(selector);
        }

        /**
         * Waits until the channel is ready; 0 ms does not wait. Returns false if the time is over or {@link #wakeup}
         * was called.
         */
        boolean await(long millis) throws IOException {
            try {
                int ready = millis <= 0 ? selector.selectNow() : selector.select(millis);
                woken.set(false);
                selector.selectedKeys().clear();
                return ready > 0;
            } catch (ClosedSelectorException closed) {
                throw new ClosedChannelException();
            }
        }

        /**
         * Synchronized with the close: junixsocket writes to a pipe, whose number may be reused by another descriptor.
         */
        synchronized void wakeup() {
            // Once for each wait, because the pipe has limited room.
            if (woken.compareAndSet(false, true)) {
                selector.wakeup();
            }
        }

        @Override
        public synchronized void close() throws IOException {
            selector.close();
        }
    }
}
