package org.socketserver.mixins.worker;

import java.io.IOException;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.FrameType;

/**
 * What goes to the parent. An interrupt that a handler has left behind, or has not seen yet, is put aside meanwhile: it would
 * close the channel, and with it the worker.
 */
final class Outbox {
    private final ControlChannel control;

    Outbox(ControlChannel control) {
        this.control = control;
    }

    /** Sends a message. */
    void send(FrameType type, ControlChannel.Body body) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            control.send(type, body);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Sends a message about a request. */
    void send(FrameType type, long number, ControlChannel.Body body) throws IOException {
        send(type, output -> {
            output.writeLong(number);
            body.writeTo(output);
        });
    }
}
