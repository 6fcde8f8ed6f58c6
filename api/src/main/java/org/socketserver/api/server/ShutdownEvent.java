package org.socketserver.api.server;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.ShutdownReport;

/** Flight Recorder: one stop that ended serving or requests. */
@Name("org.socketserver.Shutdown")
@Label("Shutdown")
@Category("Socket Server")
@Description("One stop that ended serving or requests")
@StackTrace(false)
final class ShutdownEvent extends Event {
    @Label("Server")
    private @Nullable String server;

    @Label("Drained")
    @Description("Requests that ended by themselves")
    private int drained;

    @Label("Forced")
    @Description("Requests that were aborted")
    private int forced;

    @Label("Running")
    @Description("Requests that did not end")
    private int running;

    private ShutdownEvent() {}

    static ShutdownEvent started() {
        ShutdownEvent event = new ShutdownEvent();
        event.begin();
        return event;
    }

    void end(String serverName, ShutdownReport report) {
        end();
        if (shouldCommit()) {
            server = serverName;
            drained = report.drained();
            forced = report.forced().size();
            running = report.running().size();
            commit();
        }
    }
}
