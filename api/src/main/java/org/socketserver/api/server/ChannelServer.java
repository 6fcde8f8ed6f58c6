package org.socketserver.api.server;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.SocketOption;
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
 * A server whose socket is one selectable channel: opens it, waits on it, closes it.
 *
 * <p>The channel may be of any provider, which must bring a selector of its own. It is non-blocking once bound.
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
     * For the two server kinds alone.
     *
     * @param address where to serve
     * @param handlers where handlers come from
     * @param options the options
     * @param operation what the loop waits for, of {@link java.nio.channels.SelectionKey}
     */
    ChannelServer(SocketAddress address, HandlerSource<R> handlers, ServerOptions options, int operation) {
        super(address, handlers, options);
        this.operation = operation;
    }

    /**
     * Opens a channel, sets its options and binds it; a stream channel listens then.
     *
     * @return the channel; closed by this class
     * @throws IOException if the address can't be had; nothing is left open. The message says why in a few words; the
     *     address is put before it
     */
    protected abstract C openChannel() throws IOException;

    /**
     * Returns the real address of the bound channel.
     *
     * @param bound the channel of {@link #openChannel()}
     * @return the address as users of this transport write it
     * @throws IOException if it can't be told
     */
    protected abstract SocketAddress boundAddress(C bound) throws IOException;

    /**
     * Returns the channel.
     *
     * @return the channel; null before it was bound
     */
    protected final @Nullable C channel() {
        return channel;
    }

    /**
     * Returns the value of a socket option of the server's socket, for options that {@link ServerOptions} does not
     * name.
     *
     * @param <T> type of the value
     * @param option the option
     * @return the value, as the kernel has it
     * @throws IOException if it can't be read
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
        // It would close channels that are used on the way.
        boolean interrupted = Thread.interrupted();
        try {
            opened = openChannel();
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

    @Override
    protected void serverClose() throws IOException {
        Readiness watched = readiness;
        C opened = channel;
        try {
            if (opened != null) {
                opened.close();
            }
        } finally {
            // After the channel, whose descriptor a selector keeps until the key is gone.
            if (watched != null) {
                watched.close();
            }
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
            // Somebody else has closed it; a selector says nothing of that.
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

    /** Waits until the channel is ready, and can be woken; the channel's provider brings the selector. */
    private static final class Readiness {
        private final Selector selector;
        /** True from a wake-up to the end of the wait that it ends. */
        private final AtomicBoolean woken = new AtomicBoolean();

        private Readiness(Selector selector) {
            this.selector = selector;
        }

        /** Makes the channel non-blocking and starts to watch it; closes neither on failure. */
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

        /** Waits; 0 ms does not wait. Returns false if the time is over or {@link #wakeup} was called. */
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

        /** Not while it closes: junixsocket writes into a pipe, whose number may be another descriptor's by then. */
        synchronized void wakeup() {
            // Once for each wait: the pipe takes only so many.
            if (woken.compareAndSet(false, true)) {
                selector.wakeup();
            }
        }

        synchronized void close() throws IOException {
            selector.close();
        }
    }
}
