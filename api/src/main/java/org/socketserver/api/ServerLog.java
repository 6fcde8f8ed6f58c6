package org.socketserver.api;

import java.lang.System.Logger.Level;

/** The one logger of the framework, {@code org.socketserver}, and the guard around what users plug in. */
final class ServerLog {
    static final System.Logger LOG = new GuardedLog("org.socketserver");

    private ServerLog() {}

    /** A call into a user's code, which may throw anything. */
    interface Call {
        void run() throws Exception;
    }

    /** Makes a call; what it throws is logged and goes no further. */
    static void contained(String what, Call call) {
        try {
            call.run();
        } catch (Throwable failure) {
            threw(what, failure);
        }
    }

    /** Tells what a call into a user's code has thrown; for calls that are made for each request, without a {@link Call}. */
    static void threw(String what, Throwable failure) {
        LOG.log(Level.ERROR, what + " threw; the server goes on", failure);
    }
}
