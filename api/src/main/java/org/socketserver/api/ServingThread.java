package org.socketserver.api;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.socketserver.api.log.EventLog;

/** A thread of the server's own: begins a run, lets the starter know, and serves. */
final class ServingThread {
    private ServingThread() {}

    /** Begins a run on the calling thread. */
    interface Begin {
        ServingRun begin() throws IOException;
    }

    /** Serves until the run ends. */
    interface Serve {
        void serve(ServingRun run) throws IOException;
    }

    /**
     * Starts the thread, which keeps the JVM alive; returns once the run has begun, or throws what kept it from that.
     */
    static void start(Supplier<String> serverName, EventLog log, Begin begin, Serve serve) throws IOException {
        var begun = new CompletableFuture<Void>();
        Thread thread = new Thread(() -> run(serverName, log, begin, serve, begun));
        thread.setName(serverName.get() + " accept");
        thread.setDaemon(false);
        thread.start();
        try {
            begun.join();
        } catch (CompletionException refused) {
            if (refused.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw refused.getCause() instanceof RuntimeException failure ? failure : refused;
        }
    }

    private static void run(
            Supplier<String> serverName, EventLog log, Begin begin, Serve serve, CompletableFuture<Void> begun) {
        ServingRun current;
        try {
            current = begin.begin();
        } catch (Throwable refused) {
            begun.completeExceptionally(refused);
            return;
        }
        begun.complete(null);
        try {
            serve.serve(current);
        } catch (IOException failure) {
            log.log(Level.ERROR, "serving", serverName.get() + " stopped serving: " + failure.getMessage(), failure);
        }
    }
}
