package org.socketserver.api.server;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.internal.AddressText;

/** Flight Recorder: a request whose handler is stuck. */
@Name("org.socketserver.StuckRequest")
@Label("Stuck Request")
@Category("Socket Server")
@Description("A request whose handler neither waited for its peer nor transferred a byte for too long")
@StackTrace(false)
final class StuckRequestEvent extends Event {
    @Label("Server")
    private @Nullable String server;

    @Label("Number")
    @Description("Number of the request within its server, counted from 1")
    private long number;

    @Label("Client")
    private @Nullable String client;

    @Label("Age")
    @Timespan(Timespan.MILLISECONDS)
    private long age;

    @Label("Handler Thread")
    private @Nullable String handlerThread;

    @Label("Stack")
    @Description("What the handler was doing, innermost frame first")
    private @Nullable String stack;

    private StuckRequestEvent() {}

    static void record(String server, LiveRequest request, String stack) {
        StuckRequestEvent event = new StuckRequestEvent();
        if (event.shouldCommit()) {
            event.server = server;
            event.number = request.id();
            event.client = AddressText.of(request.clientAddress());
            event.age = request.age().toMillis();
            event.handlerThread = request.thread();
            event.stack = stack.strip();
            event.commit();
        }
    }
}
