package org.socketserver.api;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.PlainText;

/**
 * A picture of one request that was being handled when it was taken.
 *
 * @param id number of the request within its server, counted from 1
 * @param clientAddress address of the peer
 * @param age time since the request was accepted or received
 * @param waiting true if the handler waited for the peer, in a read or a write
 * @param thread name of the thread that runs the handler, empty when no handler runs (yet, or any more)
 * @param stack what that thread was doing, innermost frame first; empty when no handler runs
 */
public record LiveRequest(
        long id,
        SocketAddress clientAddress,
        Duration age,
        boolean waiting,
        String thread,
        List<StackTraceElement> stack) {
    /**
     * Returns whether the handler was running and not waiting for its peer.
     *
     * @return true if it was busy with something else
     */
    public boolean isBusy() {
        return !waiting && !stack.isEmpty();
    }

    /**
     * Returns peer, age and place in one line.
     *
     * @return for example {@code #7 from 127.0.0.1:5000, 1200 ms, at Shout.handle(Shout.java:12)}
     */
    @Override
    public String toString() {
        String where = stack.isEmpty() ? "not in a handler" : "at " + stack.get(0);
        return "#" + id + " from " + AddressText.of(clientAddress) + ", " + age.toMillis() + " ms, "
                + PlainText.of(where);
    }
}
