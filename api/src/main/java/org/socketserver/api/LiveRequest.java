package org.socketserver.api;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.PlainText;

/**
 * A snapshot of one request while it was being handled.
 *
 * <p>A request is live until its handler has returned. It leaves {@link Server#liveRequests()} before the peer can see
 * the end; closing it can take longer.
 *
 * @param id number of the request within its server, counted from 1
 * @param clientAddress address of the peer
 * @param age time since the request was accepted or received
 * @param waiting true if the handler was waiting for the peer, in a read or a write
 * @param thread name of the thread that runs the handler; empty if the handler has not started or has ended
 * @param stack stack trace of that thread, innermost frame first; empty if no handler runs
 */
public record LiveRequest(
        long id,
        SocketAddress clientAddress,
        Duration age,
        boolean waiting,
        String thread,
        List<StackTraceElement> stack) {
    /**
     * Returns whether the handler was running and not waiting for the peer.
     *
     * @return true if it was busy
     */
    public boolean isBusy() {
        return !waiting && !stack.isEmpty();
    }

    /**
     * Returns the peer, the age and the top stack frame in one line.
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
