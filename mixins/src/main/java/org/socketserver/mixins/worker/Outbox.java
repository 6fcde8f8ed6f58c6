package org.socketserver.mixins.worker;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.FrameType;

/**
 * What goes to the parent. No interrupt reaches the channel, as that would close it, and with it the worker: the thread
 * of the handlers is sheltered, and for threads that a handler has started another one sends.
 */
final class Outbox {
    private static final long IDLE_SECONDS = 10;

    private final ControlChannel control;
    private final Executor sender;

    Outbox(ControlChannel control) {
        this.control = control;
        ThreadPoolExecutor one =
                new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "socketserver worker outbox");
                    thread.setDaemon(true);
                    return thread;
                });
        one.allowCoreThreadTimeOut(true);
        sender = one;
    }

    /** Sends a message; any thread may. */
    void send(FrameType type, ControlChannel.Body body) throws IOException {
        if (Thread.currentThread() instanceof HandlerThread handler) {
            handler.shelter(() -> control.send(type, body));
        } else {
            sendElsewhere(type, body);
        }
    }

    /** Sends a message about a request; any thread may. */
    void send(FrameType type, long number, ControlChannel.Body body) throws IOException {
        send(type, output -> {
            output.writeLong(number);
            body.writeTo(output);
        });
    }

    private void sendElsewhere(FrameType type, ControlChannel.Body body) throws IOException {
        try {
            // The wait for it heeds no interrupt.
            CompletableFuture.runAsync(
                            () -> {
                                try {
                                    control.send(type, body);
                                } catch (IOException failure) {
                                    throw new CompletionException(failure);
                                }
                            },
                            sender)
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw failed;
        }
    }
}
