package org.socketserver.api.server;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.internal.AddressText;

/** Flight Recorder: one request, from when it was accepted or received to when it was closed. */
@Name("org.socketserver.Request")
@Label("Request")
@Category("Socket Server")
@Description("One request, from when it was accepted or received to when it was closed")
@StackTrace(false)
final class RequestEvent extends Event {
    /** Used to check whether the event is recorded; never committed. */
    private static final RequestEvent PROBE = new RequestEvent();

    @Label("Server")
    private @Nullable String server;

    @Label("Number")
    @Description("Number of the request within its server, counted from 1")
    private long number;

    @Label("Client")
    private @Nullable String client;

    @Label("Outcome")
    @Description("done, rejected, disconnected, timed out, failed, or aborted")
    private @Nullable String outcome;

    @Label("Reason")
    @Description("The outcome, with its kind if it has one: rejected: per client, timed out: idle")
    private @Nullable String reason;

    @Label("Bytes In")
    @DataAmount
    private long bytesIn;

    @Label("Bytes Out")
    @DataAmount
    private long bytesOut;

    private RequestEvent() {}

    /** Begins an event. Returns null if it is not recorded. */
    static @Nullable RequestEvent started() {
        if (!PROBE.isEnabled()) {
            return null;
        }
        RequestEvent event = new RequestEvent();
        event.begin();
        return event;
    }

    void end(String serverName, long requestNumber, Request request, RequestEnd how) {
        end();
        if (shouldCommit()) {
            server = serverName;
            number = requestNumber;
            client = AddressText.of(request.clientAddress());
            outcome = how.outcome().toString();
            reason = how.reason();
            bytesIn = how.bytesIn();
            bytesOut = how.bytesOut();
            commit();
        }
    }
}
