package org.socketserver.mixins.forking.worker;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.FrameType;

/**
 * Messages to the parent. An interrupt would close the channel, so the {@link HandlerThread} defers it, and messages of
 * threads that a handler has started are sent by another thread.
 */
final class Outbox {
    private final ControlChannel control;
    private final Executor sender = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "socketserver worker outbox");
        thread.setDaemon(true);
        return thread;
    });

    Outbox(ControlChannel control) {
        this.control = control;
    }

    /** Sends a message; any thread may. */
    void send(FrameType type, long number, ControlChannel.Body body) throws IOException {
        if (Thread.currentThread() instanceof HandlerThread handler) {
            handler.shelter(() -> control.send(type, number, body));
            return;
        }
        CompletableFuture<@Nullable IOException> sent = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        control.send(type, number, body);
                        return null;
                    } catch (IOException failure) {
                        return failure;
                    }
                },
                sender);
        // Not ended by an interrupt.
        IOException failure = sent.join();
        if (failure != null) {
            throw failure;
        }
    }
}
