package org.socketserver.api.server;

import java.io.IOException;
import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** Flight Recorder: accepting or receiving failed. */
@Name("org.socketserver.AcceptFailure")
@Label("Accept Failure")
@Category("Socket Server")
@Description("Accepting or receiving failed")
@StackTrace(false)
final class AcceptFailureEvent extends Event {
    @Label("Server")
    private @Nullable String server;

    @Label("Message")
    @Description("The message of the system")
    private @Nullable String message;

    @Label("Pause")
    @Description("How long the accept loop waits before it tries again; zero if it continues at once")
    @Timespan(Timespan.MILLISECONDS)
    private long pause;

    private AcceptFailureEvent() {}

    static void record(String server, IOException failure, Duration pause) {
        AcceptFailureEvent event = new AcceptFailureEvent();
        if (event.shouldCommit()) {
            event.server = server;
            event.message = failure.getMessage();
            event.pause = pause.toMillis();
            event.commit();
        }
    }
}
