package org.socketserver.api.server;

import java.net.SocketAddress;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.internal.AddressText;

/** Flight Recorder: a datagram was longer than the receive buffer. */
@Name("org.socketserver.DatagramTruncated")
@Label("Datagram Truncated")
@Category("Socket Server")
@Description("A datagram was longer than the receive buffer")
@StackTrace(false)
final class DatagramTruncatedEvent extends Event {
    @Label("Server")
    private @Nullable String server;

    @Label("Client")
    private @Nullable String client;

    @Label("Limit")
    @Description("Size of the receive buffer")
    @DataAmount
    private long limit;

    @Label("Delivered")
    @Description("True if the handler got the first part, false if all of it was dropped")
    private boolean delivered;

    private DatagramTruncatedEvent() {}

    static void record(String server, SocketAddress sender, int limit, boolean delivered) {
        DatagramTruncatedEvent event = new DatagramTruncatedEvent();
        if (event.shouldCommit()) {
            event.server = server;
            event.client = AddressText.of(sender);
            event.limit = limit;
            event.delivered = delivered;
            event.commit();
        }
    }
}
