package org.socketserver.api;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicBoolean;

/** Waits until the one channel of a server is ready, and can be woken; the channel's provider brings the selector. */
final class ChannelReadiness {
    private final Selector selector;
    /** True from a wake-up to the end of the wait that it ends. */
    private final AtomicBoolean woken = new AtomicBoolean();

    private ChannelReadiness(Selector selector) {
        this.selector = selector;
    }

    /** Makes the channel non-blocking and begins to watch it; closes neither on failure. */
    static ChannelReadiness of(SelectableChannel channel, int operation) throws IOException {
        Selector selector = channel.provider().openSelector();
        try {
            channel.configureBlocking(false);
            channel.register(selector, operation);
        } catch (IOException | RuntimeException failure) {
            selector.close();
            throw failure;
        }
        return new ChannelReadiness(selector);
    }

    /** Waits; 0 ms does not wait. True if the channel is ready, false if time is over or somebody called wakeup. */
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

    /** Not while it closes: junixsocket's writes into a pipe, whose number may be somebody else's by then. */
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
