package org.socketserver.api.server;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.DescriptorLock;

/**
 * One descriptor kept for the moment when the process has no other left: given up, it lets one more connection be
 * accepted, which is closed at once, so that its peer sees the end and not a hang. May be called by any thread.
 */
final class ReserveDescriptor {
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
